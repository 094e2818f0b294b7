"""Means over seeds by hand, and what is in them and what is not."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.errors import UserError
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.comparison import COLUMNS, comparison_table, display_name, separated_best
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.table_files import read_csv


@pytest.fixture
def comparison(tables: Path) -> pd.DataFrame:
    return pd.read_csv(tables / "comparison.csv")


def _row(table: pd.DataFrame, variant: str, metric: str = "fid") -> pd.Series:
    return table[(table["variant"] == variant) & (table["metric"] == metric)].iloc[0]


def _inputs(tables: Path) -> list[pd.DataFrame]:
    return [read_csv(tables / name) for name in ("runs.csv", "calibration.csv", "metrics.csv")]


def test_columns_and_rows(comparison: pd.DataFrame) -> None:
    assert list(comparison.columns) == COLUMNS
    assert list(comparison["variant"]) == ["real (train)", "DCGAN", "LSGAN", "WGAN-GP"] * 3


def test_three_seeds_by_hand(comparison: pd.DataFrame) -> None:
    """fid 10, 11, 12: mean 11, sd 1, half-width t(.975, 2) / sqrt(3) = 2.48414."""
    row = _row(comparison, "DCGAN")
    assert (row["mean"], row["sd"], row["median"], row["min"], row["max"]) == (11, 1, 11, 10, 12)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((11 - 2.48414, 11 + 2.48414), abs=1e-4)
    assert (row["n_scored"], row["n_ok"], row["n_asked"]) == (3, 3, 3)
    assert row["interval"] == "95 % Student t over seeds"


def test_a_diverged_seed_is_counted_and_in_no_mean(comparison: pd.DataFrame) -> None:
    """fid 30 and 31 of three: mean 30.5, sd 1 / sqrt(2), half-width 12.7062 / 2."""
    row = _row(comparison, "WGAN-GP")
    assert row["mean"] == 30.5 and row["sd"] == pytest.approx(math.sqrt(0.5))
    assert row["ci_high"] - row["mean"] == pytest.approx(12.7062 / 2, abs=1e-4)
    assert (row["n_scored"], row["n_ok"], row["n_diverged"], row["n_asked"]) == (2, 2, 1, 3)


def test_one_seed_has_no_spread(comparison: pd.DataFrame) -> None:
    row = _row(comparison, "LSGAN")
    assert row["mean"] == 22 and row[["sd", "ci_low", "ci_high", "interval"]].isna().all()
    assert (row["n_scored"], row["n_failed"], row["n_timeout"], row["n_missing"], row["n_asked"]) == (1, 1, 1, 0, 3)


def test_every_asked_run_is_counted_once(comparison: pd.DataFrame) -> None:
    variants = comparison[comparison["kind"] == "variant"]
    counts = variants[["n_ok", "n_diverged", "n_failed", "n_timeout", "n_missing"]].sum(axis=1)
    assert (counts == variants["n_asked"]).all()


def test_a_number_of_a_run_that_diverged_is_in_no_mean(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    diverged = (runs["status"] == "diverged") & (runs["metric"] == "fid")
    runs.loc[diverged, "value"] = 1e9
    assert _row(comparison_table(runs, calibration, metrics), "WGAN-GP")["mean"] == 30.5


def test_an_undefined_value_of_a_finished_run_is_not_scored(tmp_path: Path) -> None:
    fabricate_study(tmp_path, values={("digits", "DCGAN", 2, "fid"): None}, outcomes={})
    collect(tmp_path, complete=True)
    write_tables(tmp_path)
    row = _row(pd.read_csv(tmp_path / "tables/comparison.csv"), "DCGAN")
    assert (row["n_scored"], row["n_ok"], row["mean"]) == (2, 3, 10.5)


def test_no_run_finished(tmp_path: Path) -> None:
    fabricate_study(tmp_path, variants=("DCGAN", "LSGAN"), seeds=(0,), outcomes={("digits", "DCGAN", 0): "diverged"})
    collect(tmp_path, complete=True)
    write_tables(tmp_path)
    row = _row(pd.read_csv(tmp_path / "tables/comparison.csv"), "DCGAN")
    assert pd.isna(row["mean"]) and (row["n_scored"], row["n_diverged"]) == (0, 1)


def test_the_floor_is_first_and_has_no_seeds(comparison: pd.DataFrame) -> None:
    row = _row(comparison, "real (train)")
    assert row["kind"] == "floor" and row["mean"] == 0.5 and pd.isna(row["n_asked"]) and row["n_real"] == 200


def test_values_of_two_protocols_do_not_compare(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    runs.loc[0, "n_fake"] = 100
    with pytest.raises(UserError, match="digits, fid: values of two protocols do not compare"):
        comparison_table(runs, calibration, metrics)


def test_the_floor_may_have_a_protocol_of_its_own(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    calibration["n_real"] = 150
    table = comparison_table(runs, calibration, metrics)
    assert _row(table, "real (train)")["n_real"] == 150 and _row(table, "DCGAN")["n_real"] == 200


def test_names_carry_the_extractor_and_are_never_plain_fid(comparison: pd.DataFrame) -> None:
    assert _row(comparison, "DCGAN")["label"] == "Fréchet distance (made-up-classifier)"
    assert display_name("FID", "classifier (digits, 97.3 % test accuracy)") == "Fréchet distance (classifier)"
    assert display_name("fid", None) == "Fréchet distance"


def _member(mean: float, half: float | None, scored: int = 3, asked: int = 3) -> dict[str, Any]:
    ends = {"ci_low": None, "ci_high": None} if half is None else {"ci_low": mean - half, "ci_high": mean + half}
    return {"mean": mean, **ends, "n_scored": scored, "n_asked": asked}


@pytest.mark.parametrize(
    ("members", "direction", "best"),
    [
        ([_member(1, 0.4), _member(2, 0.4), _member(9, 1)], "lower", 0),
        ([_member(1, 0.4), _member(2, 0.4), _member(9, 1)], "higher", 2),
        ([_member(1, 0.6), _member(2, 0.6)], "lower", None),  # intervals overlap
        ([_member(1, 0.4, scored=2), _member(2, 0.4)], "lower", None),  # a seed is missing from the best mean
        ([_member(1, 0.4), _member(2, 0.4, scored=2)], "lower", 0),  # from another one it may
        ([_member(1, 0.4), _member(2, None, scored=1)], "lower", None),  # nothing is known of the other's spread
        ([_member(1, 0.4), _member(math.nan, None, scored=0)], "lower", None),  # no other to compare with
        ([_member(0.5, 0.01), _member(0.9, 0.01)], "half", None),
        ([], "lower", None),
    ],
)
def test_best_only_where_intervals_lie_apart(members: list[dict[str, Any]], direction: str, best: int | None) -> None:
    assert separated_best(members, direction) == best


def test_a_row_that_deals_the_scored_split_stands_last_with_its_own_n(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    dealt = runs["variant"] == "DCGAN"
    runs.loc[dealt, ["method", "n_real", "n_fake"]] = ["real_test", 7, 7]
    runs.loc[dealt, "value"] = 0.001
    found = comparison_table(runs, calibration, metrics)
    rows = found[found["metric"] == "fid"]
    assert list(rows["variant"]) == ["real (train)", "LSGAN", "WGAN-GP", "DCGAN (n = 7)"]
    assert rows["n_fake"].tolist()[-1] == 7 and not rows["best"].iloc[-1] and rows["n_fake"].iloc[1] != 7
    runs.loc[dealt, "method"] = "memoriser"
    with pytest.raises(UserError, match="two protocols do not compare"):
        comparison_table(runs, calibration, metrics)
