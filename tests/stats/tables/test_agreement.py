"""Rank correlation of metrics: orientation, intervals, and what is too little to say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic import run_rows

from gan_bench.stats.estimate.correlation import correlation_interval
from gan_bench.stats.tables.agreement import agreement_table


def _two(fid, other, metric: str = "recall", direction: str = "higher") -> pd.DataFrame:
    rows = pd.concat([run_rows(fid), run_rows(other, metric=metric, direction=direction)])
    return agreement_table(rows, {}).set_index("unit")


def test_plus_is_the_same_runs_called_better() -> None:
    """fid falls and recall rises over six runs, but for one exchange: tau = 1 - 2 / 15 x 1 = 13/15."""
    found = _two({"a": [6.0, 5.0, 4.0], "b": [3.0, 2.0, 1.0]}, {"a": [0.1, 0.2, 0.3], "b": [0.4, 0.6, 0.5]})
    row = found.loc["runs"]
    assert (row["n"], row["kendall"]) == (6, pytest.approx(13 / 15)) and row["spearman"] == pytest.approx(1 - 12 / 210)
    assert row["coverage"] and row["decision"] == "agree"


def test_numbers_and_intervals() -> None:
    """scipy's coefficients; tanh(artanh(r) +- 1.96 sqrt(.437 / (n - 4))), tanh(... sqrt((1 + r^2 / 2) / (n - 3)))."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    y = 0.5 * x + rng.normal(size=40)
    row = _two({"a": x.tolist()}, {"a": y.tolist()}, "kid", "lower").loc["runs"]
    tau, rho = stats.kendalltau(x, y).statistic, stats.spearmanr(x, y).statistic
    assert (row["kendall"], row["spearman"]) == pytest.approx((tau, rho)) and not row["coverage"]
    half = 1.959964 * np.sqrt(0.437 / 36)
    ends = np.tanh([np.arctanh(tau) - half, np.arctanh(tau) + half])
    assert [row["kendall_low"], row["kendall_high"]] == pytest.approx(ends, abs=1e-6)
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / 37)
    assert row["spearman_high"] == pytest.approx(np.tanh(np.arctanh(rho) + half), abs=1e-6)


def test_coverage_of_the_interval() -> None:
    """Two normals with correlation 1/2 have tau = 2 / pi arcsin(1/2) = 1/3; thirty runs, 500 times."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(500):
        x = rng.normal(size=30)
        tau = stats.kendalltau(x, 0.5 * x + np.sqrt(0.75) * rng.normal(size=30)).statistic
        low, high = correlation_interval(tau, 0.437, 26)
        hits += low <= 1 / 3 <= high
    assert 0.92 < hits / 500 < 0.98


def test_cells_are_medians_over_seeds() -> None:
    """Within cells the metrics disagree, between cells they agree: pooling would hide one of the two."""
    fid = {name: [base + 0.1, base + 0.2, base + 0.3] for name, base in zip("abcde", range(5), strict=True)}
    kid = {name: [base + 0.3, base + 0.2, base + 0.1] for name, base in zip("abcde", range(5), strict=True)}
    found = _two(fid, kid, "kid", "lower")
    assert found.loc["cells", "kendall"] == pytest.approx(1) and found.loc["cells", "n"] == 5
    assert found.loc["runs", "kendall"] < 0.9


def test_one_order_has_no_interval_and_is_decided_by_its_p() -> None:
    """The chance of one order of five is 2 / 5! = .017; equal orders of four are given no interval at all."""
    found = _two({"a": [1.0, 2.0, 3.0, 4.0, 5.0]}, {"a": [5.0, 4.0, 3.0, 2.0, 1.0]})
    row = found.loc["runs"]
    assert row["decision"] == "agree" and row["kendall_p"] == pytest.approx(2 / 120)
    assert row[["kendall_low", "spearman_high"]].isna().all()


def test_disagreement_is_named() -> None:
    x = [float(i) for i in range(12)]
    assert _two({"a": x}, {"a": x}).loc["runs", "decision"].startswith("disagree")


def test_failures_and_gaps_are_left_out() -> None:
    found = _two({"a": [1.0, 2.0, "diverged", 4.0, None]}, {"a": [0.4, 0.3, 0.9, 0.1, 0.2]})
    assert found.loc["runs", "n"] == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 2.0], "not shown: 2 runs with both values"),
        ([1.0, "diverged"], "not shown: 1 run with both values"),
        (["diverged", "failed"], "not shown: 0 runs with both values"),
        ([1.0, 1.0, 1.0], "not shown: one of them is the same for all 3 runs"),
        ([1.0, 2.0, 3.0], "not shown: 3 runs are too few for an interval"),
    ],
)
def test_edges_are_words(values, words: str) -> None:
    kid = [value if isinstance(value, str) else float(i) for i, value in enumerate(values)]
    assert _two({"a": values}, {"a": kid}, "kid", "lower").loc["runs", "decision"] == words


def test_one_metric_is_no_pair() -> None:
    assert agreement_table(run_rows({"a": [1.0]}), {}).empty
