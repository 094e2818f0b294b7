"""The rank correlation of two metrics over cells has the right sign and interval. Too few cells give a note."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic import run_rows

from gan_bench.stats.estimate.intervals import correlation_interval
from gan_bench.stats.tables.agreement import agreement_table


def _row(fid, other, metric: str = "recall", direction: str = "higher") -> pd.Series:
    """Row of the table for two metrics.

    `fid` and `other` have, for each cell, a value or a list of values over seeds.
    """
    tables = []
    for values, columns in ((fid, {}), (other, {"metric": metric, "direction": direction})):
        seeds = [value if isinstance(value, list) else [value] for value in values]
        tables.append(run_rows({f"cell {i}": cell for i, cell in enumerate(seeds)}, **columns))
    (row,) = agreement_table(pd.concat(tables), {}).to_dict("records")
    return pd.Series(row)


def test_plus_is_the_same_cells_called_better() -> None:
    """Both metrics order six cells alike, except for one of the 15 pairs, so tau = 1 - 2 / 15 = 13/15.

    A lower fid and a higher recall are better.
    """
    row = _row([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [0.1, 0.2, 0.3, 0.4, 0.6, 0.5])
    assert (row["n"], row["kendall"]) == (6, pytest.approx(13 / 15)) and row["spearman"] == pytest.approx(1 - 12 / 210)
    assert row["coverage"] and row["decision"] == "agree"


def test_numbers_and_intervals() -> None:
    """The coefficients equal SciPy's. The intervals are tanh(artanh(r) +- 1.96 s).

    s^2 is .437 / (n - 4) for Kendall's tau, and (1 + r^2 / 2) / (n - 3) for Spearman's rho.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    y = 0.5 * x + rng.normal(size=40)
    row = _row(x.tolist(), y.tolist(), "kid", "lower")
    tau, rho = stats.kendalltau(x, y).statistic, stats.spearmanr(x, y).statistic
    assert (row["kendall"], row["spearman"]) == pytest.approx((tau, rho)) and not row["coverage"]
    half = 1.959964 * np.sqrt(0.437 / 36)
    ends = np.tanh([np.arctanh(tau) - half, np.arctanh(tau) + half])
    assert [row["kendall_low"], row["kendall_high"]] == pytest.approx(ends, abs=1e-6)
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / 37)
    assert row["spearman_high"] == pytest.approx(np.tanh(np.arctanh(rho) + half), abs=1e-6)


def test_coverage_of_the_interval() -> None:
    """Two normal variables with correlation 1/2 have tau = 2 / pi arcsin(1/2) = 1/3.

    The interval is computed for 500 samples of thirty cells.
    """
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(500):
        x = rng.normal(size=30)
        tau = stats.kendalltau(x, 0.5 * x + np.sqrt(0.75) * rng.normal(size=30)).statistic
        low, high = correlation_interval(tau, 0.437, 26)
        hits += low <= 1 / 3 <= high
    assert 0.92 < hits / 500 < 0.98


def test_more_seeds_of_the_same_cells_are_no_more_evidence() -> None:
    """Six cells have tau = 1/3. With one seed or ten seeds per cell, n is 6 and the interval contains 0."""
    fid, kid = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 2.5]
    one = _row(fid, kid, "kid", "lower")
    ten = _row([[v] * 10 for v in fid], [[v] * 10 for v in kid], "kid", "lower")
    assert one["n"] == 6 and one["kendall_low"] < 0 < one["kendall"] and one["decision"].endswith("tau contains 0")
    pd.testing.assert_series_equal(one, ten)


def test_cells_are_medians_over_seeds() -> None:
    """Over the seeds of a cell, the metrics disagree. Over the medians of the cells, they agree."""
    fid = [[base + 0.1, base + 0.2, base + 0.9] for base in range(5)]
    kid = [[base + 0.9, base + 0.2, base + 0.1] for base in range(5)]
    row = _row(fid, kid, "kid", "lower")
    assert (row["kendall"], row["n"]) == (pytest.approx(1), 5)


def test_one_order_has_no_interval_and_is_decided_by_its_exact_p() -> None:
    """If both metrics order five cells alike, p = 2 / 5! = .017.

    If four of the cells are tied, p = 4! / 5! = .2. A normal approximation would give .046.
    """
    row = _row([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0])
    assert row["decision"] == "agree" and row[["kendall_low", "spearman_high"]].isna().all()
    row = _row([1.0, 1.0, 1.0, 1.0, 5.0], [2.0, 2.0, 2.0, 2.0, 3.0], "kid", "lower")
    assert row["decision"] == "not shown: all cells have the same or opposite order, but there are too few for p < 0.05"


def test_disagreement_is_named() -> None:
    x = [float(i) for i in range(12)]
    assert _row(x, x)["decision"].startswith("disagree")


def test_failures_and_gaps_are_left_out() -> None:
    fid = [[1.0, "diverged"], [2.0, 2.0], ["diverged", "diverged"], [4.0, 4.0], [None, None]]
    assert _row(fid, [0.4, 0.3, 0.9, 0.1, 0.2])["n"] == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 2.0], "not shown: 2 cells with both values"),
        ([1.0, "diverged"], "not shown: 1 cell with both values"),
        (["diverged", "failed"], "not shown: 0 cells with both values"),
        ([1.0, 1.0, 1.0], "not shown: one of the metrics has the same value in all 3 cells"),
        ([1.0, 2.0, 3.0], "not shown: 3 cells are too few for an interval"),
    ],
)
def test_edges_are_words(values, words: str) -> None:
    kid = [value if isinstance(value, str) else float(i) for i, value in enumerate(values)]
    assert _row(values, kid, "kid", "lower")["decision"] == words


def test_one_metric_is_no_pair() -> None:
    assert agreement_table(run_rows({"a": [1.0]}), {}).empty
