"""A small finished study, and copies of it that tests may damage."""

import shutil
from pathlib import Path

import pytest
import small_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results folder of a finished study "small". Tests must not change it."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.yaml").write_text(small_study.STUDY)
    small_study.run(folder / "small.yaml", folder / "results")
    return folder / "results"


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of the results that a test may damage. No file is a hard link."""
    shutil.copytree(finished, tmp_path / "results")
    return tmp_path / "results"
