"""The table of verdicts has one row per run, with the first evidence for the verdict. Verdicts are counted per cell."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.verdicts import COLUMNS
from gan_bench.stats.tables.write_tables import write_tables


@pytest.fixture
def verdicts(tables: Path) -> pd.DataFrame:
    return pd.read_csv(tables / "collapse.csv")


def test_one_row_per_run(verdicts: pd.DataFrame) -> None:
    assert list(verdicts.columns) == COLUMNS and len(verdicts) == 9


def test_leading_evidence(verdicts: pd.DataFrame) -> None:
    row = verdicts[verdicts["status"] == "diverged"].iloc[0]
    assert row["verdict"] == "diverged" and row["began_step"] == 100 and row["sign"] == "non_finite"
    assert row["n_evidence"] == 1 and "not finite from step 100" in row["says"]
    assert (row["target"], row["precision"], row["n_fired"]) == ("diverged", 1.0, 14)
    assert row["precision_low"] == pytest.approx(0.7847)


def test_no_sign_has_no_evidence(verdicts: pd.DataFrame) -> None:
    row = verdicts[verdicts["variant"] == "DCGAN"].iloc[0]
    assert row["verdict"] == "no_sign_found" and row["n_evidence"] == 0
    assert row[["sign", "value", "precision", "began_step"]].isna().all() and row["next_check"]


def test_what_was_missing_for_the_verdict(verdicts: pd.DataFrame) -> None:
    row = verdicts[(verdicts["variant"] == "WGAN-GP") & (verdicts["seed"] == 0)].iloc[0]
    assert row["signals_missing"] == "equilibrium of the loss"


def test_counts_per_cell(tables: Path) -> None:
    counts = pd.read_csv(tables / "collapse_counts.csv").set_index("variant")
    assert counts.loc["WGAN-GP", ["diverged", "no_sign_found", "n_asked"]].tolist() == [1, 2, 3]
    assert counts.loc["DCGAN", "no_sign_found"] == 3
    verdict_columns = counts.columns.drop(["dataset", "cell", "n_asked"])
    assert (counts[verdict_columns].sum(axis=1) == counts["n_asked"]).all()


def test_a_missing_run_is_not_judged(tmp_path: Path) -> None:
    fabricate_study(tmp_path, variants=("DCGAN",), outcomes={("digits", "DCGAN", 1): "missing"})
    collect(tmp_path, complete=False)
    write_tables(tmp_path)
    row = pd.read_csv(tmp_path / "tables/collapse.csv").iloc[1]
    assert row["status"] == "missing" and row["verdict"] == "not_judged"
    assert pd.read_csv(tmp_path / "tables/collapse_counts.csv").loc[0, "not_judged"] == 1
