"""A fabricated study with collected runs and tables."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.table_files import read_csv

#: One run diverges, one exceeds its time limit, and one fails. One seed of LSGAN and two seeds of WGAN-GP finish.
OUTCOMES = {
    ("digits", "WGAN-GP", 2): "diverged",
    ("digits", "LSGAN", 0): "timeout",
    ("digits", "LSGAN", 1): "failed",
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Folder of a study with nine runs, three of which failed in different ways."""
    folder = tmp_path / "demo"
    fabricate_study(folder, outcomes=OUTCOMES)
    return folder


@pytest.fixture
def tables(study: Path) -> Path:
    """Folder of the study's tables."""
    collect(study, complete=True)
    write_tables(study)
    return study / "tables"


@pytest.fixture
def runs(tables: Path) -> pd.DataFrame:
    return read_csv(tables / "runs.csv")
