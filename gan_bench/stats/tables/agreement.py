"""Rank correlation of every pair of metrics over the cells of a data set, and whether the two metrics agree.

A cell is one variant on one data set. The correlated values are medians over the seeds of a cell, not scores of single
runs. The runs of a cell have the same settings. They are therefore not independent evidence that two metrics agree.
"""

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench.stats.estimate.intervals import LEVEL, correlation_interval
from gan_bench.stats.tables.score_matrix import Labels, comparable

#: Metric values that measure how much of the data the samples cover: how many modes, or how much of the spread of the
#: data.
COVERAGE = ("modes_captured", "kl_modes", "classes_covered", "kl_classes", "coverage", "recall")

#: Smallest number of cells for a coefficient (FEWEST), and for the interval of a coefficient (FEWEST_FOR_INTERVAL).
FEWEST, FEWEST_FOR_INTERVAL = 3, 5

COLUMNS = [
    *("study", "dataset", "metric_a", "metric_b", "label_a", "label_b", "n"),
    *("kendall", "kendall_low", "kendall_high", "spearman", "spearman_low", "spearman_high"),
    *("coverage", "decision"),
]


def agreement_table(runs: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The table agreement.csv: one row per data set and pair of metrics, columns COLUMNS.

    The value of a cell is the median over its scored seeds. `n` counts the cells with values of both metrics.
    `coverage`: whether one of the metrics is in COVERAGE. Coefficients are computed from badness (smaller is better for
    every metric), so a positive coefficient means that both metrics prefer the same cells.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
    """
    rows = comparable(runs)
    rows = rows.assign(badness=rows["badness"].where(np.isfinite(rows["badness"])))
    table_rows = []
    for dataset, part in rows.groupby("dataset", sort=False):
        metrics = list(dict.fromkeys(part["metric"]))
        medians = part.pivot_table(index="cell", columns="metric", values="badness", aggfunc="median", sort=False)
        shared = {"study": part["study"].iloc[0], "dataset": dataset}
        for a, b in combinations(metrics, 2):
            names = {"metric_a": a, "metric_b": b, "label_a": labels.get((dataset, a), a)}
            names |= {"label_b": labels.get((dataset, b), b), "coverage": a in COVERAGE or b in COVERAGE}
            x, y = (medians[name].to_numpy() if name in medians else np.full(len(medians), np.nan) for name in (a, b))
            both = ~np.isnan(x) & ~np.isnan(y)
            table_rows.append({**shared, **names, "n": int(both.sum()), **_rank_correlations(x[both], y[both])})
    return pd.DataFrame(table_rows, columns=COLUMNS).astype({"n": "Int64", "coverage": "boolean"})


def _rank_correlations(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    n = len(x)
    if n < FEWEST:
        return {"decision": f"not shown: {n} cell{'s' * (n != 1)} with both values"}
    if (x == x[0]).all() or (y == y[0]).all():
        return {"decision": f"not shown: one of the metrics has the same value in all {n} cells"}
    kendall = float(stats.kendalltau(x, y).statistic)
    spearman = float(stats.spearmanr(x, y).statistic)
    row: dict[str, Any] = {"kendall": kendall, "spearman": spearman}
    if n < FEWEST_FOR_INTERVAL:
        return {**row, "decision": f"not shown: {n} cells are too few for an interval"}
    low, high = correlation_interval(kendall, 0.437, n - 4)
    row |= {"kendall_low": low, "kendall_high": high}
    ends = correlation_interval(spearman, 1 + spearman**2 / 2, n - 3)
    row |= {"spearman_low": ends[0], "spearman_high": ends[1]}
    return {**row, "decision": _decision(kendall, low, high, y)}


def _decision(kendall: float, low: float, high: float, y: np.ndarray) -> str:
    if np.isnan(low) and _same_order_p(y) >= 1 - LEVEL:
        return f"not shown: all cells have the same or opposite order, but there are too few for p < {1 - LEVEL:.2g}"
    if low <= 0 <= high:
        return "not shown: the interval of Kendall's tau contains 0"
    return "agree" if kendall > 0 else "disagree: cells that are better by one metric are worse by the other"


def _same_order_p(y: np.ndarray) -> float:
    """Exact two-sided p of an observed tau of 1 or -1: the share of the distinct orders of y with |tau| = 1."""
    sizes = np.unique(y, return_counts=True)[1].tolist()
    orders = math.factorial(len(y)) // math.prod(map(math.factorial, sizes))
    return (2 if sizes == sizes[::-1] else 1) / orders
