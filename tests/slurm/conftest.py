"""Tests that run on a real Slurm, which they start themselves: `make test-slurm`, or `python -m pytest tests/slurm`.

They run only if they are named on the command line.
"""

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_tree import ClusterTree, new_tree
from real_slurm import RealSlurm, missing

HERE = Path(__file__).resolve().parent
PLUGINS = ("snakemake_executor_plugin_slurm", "snakemake_executor_plugin_cluster_generic")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    asked = [(config.invocation_params.dir / argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(path == HERE or HERE in path.parents for path in asked) else True


@pytest.fixture(scope="session")
def slurm() -> Iterator[RealSlurm]:
    """A running Slurm with two nodes of one core each. If Slurm cannot start, tests are skipped with the reason."""
    absent = [name for name in PLUGINS if importlib.util.find_spec(name) is None]
    reason = f"Python packages {', '.join(absent)} are missing: make .venv/ready" if absent else missing()
    if reason:
        pytest.skip(reason)
    # munge needs a socket that all users can reach. Other users cannot enter pytest's folder, so this folder is
    # elsewhere.
    with tempfile.TemporaryDirectory(prefix="gan_bench_slurm_") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with RealSlurm(folder) as cluster:
            yield cluster


@pytest.fixture(autouse=True)
def healthy(slurm: RealSlurm) -> RealSlurm:
    """Repairs Slurm before each test, because the previous test may have broken it."""
    slurm.repair()
    return slurm


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> ClusterTree:
    """The small study, run on this machine without a batch system. A batch system must give the same result."""
    tree = new_tree(tmp_path_factory.mktemp("local") / "checkout")
    tree.snakemake("--cores", "2", tree.target)
    return tree


@pytest.fixture
def fresh_tree(tmp_path: Path) -> ClusterTree:
    """A checkout in which nothing has run."""
    return new_tree(tmp_path / "checkout")


@pytest.fixture
def prepared(local: ClusterTree, tmp_path: Path) -> ClusterTree:
    """A checkout in which data and features are prepared and no run is trained."""
    tree = ClusterTree(tmp_path / "checkout")
    shutil.copytree(local.folder, tree.folder)
    for name in ("demo", "store"):
        shutil.rmtree(tree.results / name)
    return tree
