"""Rank correlations between every two metrics over the same runs, and a decision whether the two agree."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench.stats.estimate.correlation import correlation_interval
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.tables.score_matrix import badness_of, comparable

#: Metric values that measure how much of the data's modes or spread the samples cover.
COVERAGE = ("modes_captured", "kl_modes", "classes_covered", "kl_classes", "coverage", "recall")

#: What is correlated: values of runs, or medians of cells. Runs of one cell share its settings and are not independent.
UNITS = ("runs", "cells")
#: Smallest number of runs or cells with a coefficient, and with an interval.
FEWEST, FEWEST_FOR_INTERVAL = 3, 5

COLUMNS = [
    *("study", "dataset", "metric_a", "metric_b", "label_a", "label_b", "unit", "n"),
    *("kendall", "kendall_low", "kendall_high", "kendall_p", "spearman", "spearman_low", "spearman_high"),
    *("coverage", "decision"),
]


def agreement_table(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> pd.DataFrame:
    """The table agreement.csv: one row per data set, pair of metrics and unit, columns COLUMNS.

    Only scored runs with both values count. Coefficients are of badness, so a positive one says that both metrics call
    the same runs better.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
    """
    rows = comparable(runs)
    badness = badness_of(rows)
    rows = rows.assign(badness=np.where(np.isfinite(badness), badness, np.nan))
    table_rows = []
    for dataset, part in rows.groupby("dataset", sort=False):
        metrics = list(dict.fromkeys(part["metric"]))
        table = part.pivot_table(index=["cell", "seed"], columns="metric", values="badness", sort=False)
        tables = {"runs": table, "cells": table.groupby(level="cell", sort=False).median()}
        shared = {"study": part["study"].iloc[0], "dataset": dataset}
        for a, b in combinations(metrics, 2):
            names = {"metric_a": a, "metric_b": b, "label_a": labels.get((dataset, a), a)}
            names |= {"label_b": labels.get((dataset, b), b), "coverage": a in COVERAGE or b in COVERAGE}
            table_rows += [{**shared, **names, **row} for row in _coefficients(tables, a, b)]
    return pd.DataFrame(table_rows, columns=COLUMNS).astype({"n": "Int64", "coverage": "boolean"})


def _coefficients(tables: dict[str, pd.DataFrame], a: str, b: str) -> Iterator[dict[str, Any]]:
    for unit in UNITS:
        table = tables[unit]
        x, y = (table[name].to_numpy() if name in table else np.full(len(table), np.nan) for name in (a, b))
        both = ~np.isnan(x) & ~np.isnan(y)
        yield {"unit": unit, "n": int(both.sum()), **_rank_correlations(x[both], y[both], unit)}


def _rank_correlations(x: np.ndarray, y: np.ndarray, unit: str) -> dict[str, Any]:
    n = len(x)
    if n < FEWEST:
        return {"decision": f"not shown: {n} {unit if n != 1 else unit[:-1]} with both values"}
    if (x == x[0]).all() or (y == y[0]).all():
        return {"decision": f"not shown: one of them is the same for all {n} {unit}"}
    kendall = stats.kendalltau(x, y)
    spearman = float(stats.spearmanr(x, y).statistic)
    row: dict[str, Any] = {
        "kendall": float(kendall.statistic),
        "kendall_p": float(kendall.pvalue),
        "spearman": spearman,
    }
    if n < FEWEST_FOR_INTERVAL:
        return {**row, "decision": f"not shown: {n} {unit} are too few for an interval"}
    low, high = correlation_interval(row["kendall"], 0.437, n - 4)
    row |= {"kendall_low": low, "kendall_high": high}
    ends = correlation_interval(spearman, 1 + spearman**2 / 2, n - 3)
    row |= {"spearman_low": ends[0], "spearman_high": ends[1]}
    return {**row, "decision": _decision(row["kendall"], row["kendall_p"], low, high)}


def _decision(kendall: float, p: float, low: float, high: float) -> str:
    if np.isnan(low):
        # Without an interval, the exact test of no association decides.
        if p >= 1 - LEVEL:
            return f"not shown: the same order throughout, but too few for p < {1 - LEVEL:.2g}"
        return "agree" if kendall > 0 else "disagree: what one calls better the other calls worse"
    if low > 0:
        return "agree"
    if high < 0:
        return "disagree: what one calls better the other calls worse"
    return "not shown: the interval of Kendall's tau holds 0"
