"""Means over seeds and the marks of the best variants are right, also if runs failed."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fabricate import fabricate_study
from synthetic import run_rows

from gan_bench.errors import UserError
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.comparison import COLUMNS, comparison_table, display_name, with_best, with_budgets
from gan_bench.stats.tables.score_matrix import fitted_scales, score_matrices
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.table_files import read_csv


@pytest.fixture
def comparison(tables: Path) -> pd.DataFrame:
    return pd.read_csv(tables / "comparison.csv")


def _row(table: pd.DataFrame, variant: str, metric: str = "frechet") -> pd.Series:
    return table[(table["variant"] == variant) & (table["metric"] == metric)].iloc[0]


def _inputs(tables: Path) -> list[pd.DataFrame]:
    return [read_csv(tables / name) for name in ("runs.csv", "calibration.csv", "metrics.csv")]


def test_columns_and_rows(comparison: pd.DataFrame) -> None:
    assert list(comparison.columns) == COLUMNS
    assert list(comparison["variant"]) == ["real images", "DCGAN", "LSGAN", "WGAN-GP"] * 3


def test_three_seeds_by_hand(comparison: pd.DataFrame) -> None:
    """The values 10, 11 and 12 of fid have mean 11 and standard deviation 1.

    On the log scale, the half-width of the interval is t(.975, 2) = 4.30265 standard errors.
    """
    row = _row(comparison, "DCGAN")
    assert (row["mean"], row["sd"], row["median"], row["min"], row["max"]) == (11, 1, 11, 10, 12)
    logs = np.log([10, 11, 12])
    half = 4.30265 * logs.std(ddof=1) / math.sqrt(3)
    ends = logs.mean() - half, logs.mean(), logs.mean() + half
    assert (row["ci_low"], row["centre"], row["ci_high"]) == pytest.approx(np.exp(ends), rel=1e-5)
    assert (row["n_scored"], row["n_ok"], row["n_asked"]) == (3, 3, 3)
    assert row["interval"] == "95 % Student t over seeds, on the log scale"


def test_a_diverged_seed_is_counted_and_in_no_mean(comparison: pd.DataFrame) -> None:
    """Two of three runs have fid 30 and 31, with mean 30.5 and standard deviation 1 / sqrt(2).

    On the log scale, the half-width of the interval is 12.7062 / 2 times the difference of both values.
    """
    row = _row(comparison, "WGAN-GP")
    assert row["mean"] == 30.5 and row["sd"] == pytest.approx(math.sqrt(0.5))
    assert math.log(row["ci_high"] / row["centre"]) == pytest.approx(12.7062 / 2 * math.log(31 / 30), rel=1e-4)
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
    diverged = (runs["status"] == "diverged") & (runs["metric"] == "frechet")
    runs.loc[diverged, "value"] = 1e9
    assert _row(comparison_table(runs, calibration, metrics), "WGAN-GP")["mean"] == 30.5


def test_an_undefined_value_of_a_finished_run_is_not_scored(tmp_path: Path) -> None:
    fabricate_study(tmp_path, values={("digits", "DCGAN", 2, "frechet"): None}, outcomes={})
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
    row = _row(comparison, "real images")
    assert row["kind"] == "floor" and row["mean"] == 0.5 and pd.isna(row["n_asked"]) and row["n_real"] == 200


def test_values_of_two_protocols_do_not_compare(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    runs.loc[0, "n_fake"] = 100
    with pytest.raises(UserError, match="digits, frechet: values of two protocols are not comparable"):
        comparison_table(runs, calibration, metrics)


def test_the_floor_may_have_a_protocol_of_its_own(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    calibration["n_real"] = 150
    table = comparison_table(runs, calibration, metrics)
    assert _row(table, "real images")["n_real"] == 150 and _row(table, "DCGAN")["n_real"] == 200


def test_names_carry_the_extractor_and_are_never_plain_fid(comparison: pd.DataFrame) -> None:
    assert _row(comparison, "DCGAN")["label"] == "Fréchet distance (made-up-classifier)"
    assert display_name("FID", "classifier (digits, 97.3 % test accuracy)") == "Fréchet distance (classifier)"
    assert display_name("fid", None) == "Fréchet distance"


def _flags(values: dict[str, list[float | str | None]], **columns: object) -> tuple[list[str], list[str]]:
    """The variants that are marked as best and the variants of the top group, for runs with these values."""
    rows = run_rows(values, **columns)
    shape = {"direction": "lower", "low": 0.0, "high": None, "unit": "", "estimator": "plain", "label": "m"}
    metrics = pd.DataFrame([{**shape, "metric": rows["metric"].iloc[0], **columns}])
    calibration = pd.DataFrame(columns=["dataset", "metric"])
    matrices = score_matrices(rows, {}, fitted_scales(rows, metrics))
    table = with_best(comparison_table(rows, calibration, metrics), matrices)
    assert (table["best"] == table["supported"]).all()
    return tuple(table.loc[table[flag].fillna(False).astype(bool), "variant"].tolist() for flag in ("best", "top"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("values", "best", "top"),
    [
        ({"a": [1.0, 1.1, 0.9], "b": [4.0, 4.4, 3.6]}, ["a"], ["a"]),
        ({"a": [1.0, 1.1, 0.9], "b": [1.1, 1.0, 1.2], "c": [9.0, 9.9, 8.1]}, [], ["a", "b"]),
        ({"a": [1.0, 1.1], "b": [4.0, 4.4]}, [], ["a", "b"]),  # fewer than three seeds: no winner
        ({"a": [1.0, 1.1, 0.9, "diverged"], "b": [4.0, 4.4, 3.6, 4.1]}, [], ["a", "b"]),  # a lost run of a: b stays
        ({"a": [1.0, 1.1, 0.9, 1.0], "b": [4.0, 4.4, 3.6, "diverged"]}, ["a"], ["a"]),  # b lost a run, but is excluded
        ({"a": [1.0, 1.1, 0.9], "b": ["diverged"] * 3}, ["a"], ["a"]),
        ({"a": [1.0, 1.1, 0.9], "b": ["missing"] * 3}, [], ["a"]),  # only one variant has scores
        ({"a": [1.0, 1.1, 0.9], "b": [9.0, None, None]}, [], ["a", "b"]),  # the spread of b is unknown
        ({"a": [1.0] * 3, "b": [2.0] * 3}, [], ["a", "b"]),  # all spreads are unknown
        ({"a": [1.0] * 3, "b": [9.0, 9.9, 8.1]}, ["a"], ["a"]),  # a gets the spread of b
    ],
)
def test_the_best_and_those_that_may_be(values: dict[str, list[float | str | None]], best: list[str], top: list[str]):
    assert _flags(values) == (best, top)


def test_one_half_is_best_by_distance_from_it() -> None:
    columns = {"metric": "one_nn", "direction": "half", "high": 1.0}
    values = {"a": [0.45, 0.46, 0.44], "b": [0.95, 0.96, 0.94], "c": [0.2, 0.21, 0.19]}
    assert _flags(values, **columns) == (["a"], ["a"])


def test_an_interval_stays_in_the_range_and_equal_scores_have_none() -> None:
    rows = run_rows({"a": [0.98, 0.99, 0.90], "b": [1.0, 1.0, 1.0], "c": [0.0, 0.01, 0.0]}, metric="recall")
    metrics = pd.DataFrame([{"metric": "recall", "label": "Recall", "low": 0.0, "high": 1.0}])
    table = comparison_table(rows, pd.DataFrame(columns=["dataset", "metric"]), metrics).set_index("variant")
    assert (table["scale"] == "logit").all() and table["ci_low"]["c"] > 0 and table["ci_high"]["a"] < 1
    assert table["interval"]["b"] == "constant: all seeds agree" and pd.isna(table["ci_low"]["b"])
    assert table["centre"]["b"] == 1 and table["mean"]["a"] == pytest.approx(0.9566667)


def test_budgets_and_class_labels_are_remarks_where_they_differ() -> None:
    rows = run_rows({"a": [1.0, 2.0], "b": [1.0, 2.0], "noise": [1.0, 2.0]})
    rows[["g_steps", "d_steps"]] = 10
    rows["images"] = rows["variant"].map({"a": 100, "b": 100, "noise": 0}).astype("Int64")
    metrics = pd.DataFrame([{"metric": "frechet", "label": "FD", "low": 0.0, "high": None}])
    table = comparison_table(rows, pd.DataFrame(columns=["dataset", "metric"]), metrics)
    assert with_budgets(table, rows, set())["remark"].isna().all()
    rows.loc[rows["variant"] == "b", "images"] = 1500
    found = with_budgets(table, rows, {("digits", "a-cell")}).set_index("variant")["remark"]
    assert found["a"] == "conditional: given class labels; 10 G steps, 10 D steps, 100 images"
    assert found["b"] == "10 G steps, 10 D steps, 1,500 images" and found["noise"] is None
    rows.loc[rows["variant"] == "b", "status"] = "diverged"
    found = with_budgets(table, rows, set()).set_index("variant")
    assert found["remark"].isna().all() and found["images"]["b"] == 1500


def test_a_row_that_deals_the_scored_split_stands_last_with_its_own_n(tables: Path) -> None:
    runs, calibration, metrics = _inputs(tables)
    dealt = runs["variant"] == "DCGAN"
    runs.loc[dealt, ["method", "n_real", "n_fake"]] = ["real_test", 7, 7]
    runs.loc[dealt, "value"] = 0.001
    found = comparison_table(runs, calibration, metrics)
    rows = found[found["metric"] == "frechet"]
    assert list(rows["variant"]) == ["real images", "LSGAN", "WGAN-GP", "DCGAN (n = 7)"]
    assert rows["n_fake"].tolist()[-1] == 7 and not rows["best"].iloc[-1] and rows["n_fake"].iloc[1] != 7
    runs.loc[dealt, "method"] = "memoriser"
    with pytest.raises(UserError, match="two protocols are not comparable"):
        comparison_table(runs, calibration, metrics)
