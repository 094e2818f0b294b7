"""A fabricated study with tables."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / name) for name in ("report", "stats")]


@pytest.fixture(scope="session")
def fabricated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small study of three variants with tables and pictures of runs."""
    from kinds import KINDS

    with pytest.MonkeyPatch.context() as patch:
        return KINDS["tiny"](tmp_path_factory.mktemp("studies") / "tiny", patch)
