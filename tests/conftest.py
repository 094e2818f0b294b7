"""Fixtures for all tests: the folder of real data, and copies of the project. Each test process uses one thread."""

import os
from pathlib import Path

import pytest

# The variables must be set before torch and NumPy are imported. Test processes run in parallel, one on each core.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from gan_bench import bits  # noqa: E402 (after the threads are set)

bits.choose()

from workflow_tree import ROOT, SHARED, Tree, copy_project  # noqa: E402 (after the threads are set)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Tests that run the workflow take longest, so they run first. Otherwise one process would still run such a test
    # when the others have finished.
    items.sort(key=lambda item: "workflow" not in item.keywords)
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow; run with --slow"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of this checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with mnist/, fashion_mnist/, sunflowers/, loss_trajectories/. If it is missing, the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip(f"real data folder {SHARED} is absent (set GAN_BENCH_SHARED_DATA to point at one)")
    return SHARED


@pytest.fixture
def fresh(tmp_path: Path) -> Tree:
    """A copy of the project in which nothing has run."""
    return copy_project(tmp_path / "checkout")


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A copy of the project in which the default study has run on two cores. Tests must not change the copy."""
    tree = copy_project(tmp_path_factory.mktemp("done") / "checkout")
    tree.snakemake("--cores", "2")
    return tree
