"""The table of failures counts the outcomes of runs and gives each rate a Wilson interval."""

import pandas as pd
import pytest
from synthetic import run_rows

from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.stats.tables.failures import COLUMNS, failures_table


def test_rates_by_hand() -> None:
    rows = run_rows({"a": [1.0, 2.0, "diverged", "failed", "missing"], "b": ["missing"]})
    rows.loc[0, "verdict"] = "collapse_suspected"
    rows.loc[2, "verdict"] = "diverged"
    table = failures_table(rows)
    assert list(table.columns) == COLUMNS and list(table["variant"]) == ["a", "b"]
    row = table.iloc[0]
    assert (row["n_asked"], row["n_ok"], row["n_diverged"], row["n_failed"], row["n_missing"]) == (5, 2, 1, 1, 1)
    assert (row["n_judged"], row["n_collapsed"]) == (3, 1)
    assert (row["diverged_rate"], row["lost_rate"], row["collapsed_rate"]) == (1 / 4, 2 / 4, 1 / 3)
    assert (row["diverged_low"], row["diverged_high"]) == pytest.approx(wilson_interval(1, 4))
    assert (row["collapsed_low"], row["collapsed_high"]) == pytest.approx(wilson_interval(1, 3))
    last = table.iloc[1]
    assert last["note"] == "no run left a status" and last[["diverged_rate", "lost_low"]].isna().all()


def test_a_run_counts_once_however_many_metrics_it_has() -> None:
    rows = pd.concat([run_rows({"a": ["diverged", 1.0]}, metric=metric) for metric in ("frechet", "kid")])
    assert failures_table(rows)["n_asked"].tolist() == [2]


def test_runs_without_a_game_are_not_judged() -> None:
    assert failures_table(run_rows({"a": [1.0]}, verdict="not_judged"))["note"].tolist() == ["no run was judged"]
