"""Mean, median and interquartile mean of every cell, each with several intervals.

A cell is one variant on one data set. At most one interval of each statistic is printed.

The method of the printed interval was chosen by its coverage in simulations (docs/statistics.md,
benchmarks/interval_coverage.py).
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.grouped import by_size
from gan_bench.stats.estimate.intervals import LEVEL, median_interval, t_interval, trimmed_t_interval
from gan_bench.stats.estimate.location import STATISTICS, interquartile_range
from gan_bench.stats.estimate.resample import bca_interval, bootstrap, percentile_interval, resamples
from gan_bench.stats.estimate.scales import IDENTITY, Scale
from gan_bench.stats.tables.score_matrix import Labels, Scales, deals_scored_split

#: Number of cells whose rows are computed at a time; a cell counts once per metric. The resampled statistics of one
#: cell take 16 KB.
CELLS = 4000
#: Smallest number of seeds for a BCa interval. With fewer seeds, the acceleration is estimated from a handful of
#: leave-one-out values. In simulations, the coverage was then not better than that of the percentile interval.
BCA_FROM = 10
#: Smallest number of seeds for a bootstrap interval.
BOOTSTRAP_FROM = 3
#: If order statistics give no interval of a median, the bootstrap interval is printed, but only for at least this
#: number of seeds. In simulations, the bootstrap interval covered the median in 94 % of cases with five seeds, and in
#: 74 % with three.
MEDIAN_FROM = 5

#: Statistic -> (method, function that computes its interval in closed form).
CLOSED: dict[str, tuple[str, Callable[[np.ndarray, float], np.ndarray]]] = {
    "mean": ("t", t_interval),
    "median": ("order statistics", median_interval),
    "iqm": ("t", trimmed_t_interval),
}
WORDS = {
    ("mean", "t"): "95 % Student t over seeds",
    ("iqm", "t"): "95 % Student t of the trimmed mean (Tukey and McLaughlin 1963) over seeds",
    ("median", "order statistics"): "95 % order statistics over seeds",
    "percentile": "95 % percentile bootstrap over seeds",
    "bca": "95 % BCa bootstrap over seeds",
}

CONSTANT = "no interval: all seeds have the same score"
NO_BCA = "no BCa interval: all resamples are equal, or all are on the same side of the estimate"

COLUMNS = [
    *("study", "dataset", "variant", "cell", "metric", "label", "direction", "statistic", "value", "sd", "iqr"),
    *("method", "low", "high", "printed", "interval", "n_scored", "n_asked", "note", "scale"),
]


def interval_table(runs: pd.DataFrame, labels: Labels, scales: Scales | None = None) -> pd.DataFrame:
    """The table intervals.csv: one row per cell, metric, statistic and method, columns COLUMNS.

    Statistics and intervals are computed on the metric's scale and transformed back; `sd` and `iqr` are in the metric's
    unit. At most one row per cell, metric and statistic is `printed`. Statistics include only runs with status "ok" and
    a value. If a statistic has no interval, for example because all scores are equal, `note` gives the reason.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
        scales: scales from `fitted_scales`; None: all scales are the identity.
    """
    return pd.concat(interval_parts(runs, labels, scales), ignore_index=True)


def interval_parts(
    runs: pd.DataFrame, labels: Labels, scales: Scales | None = None, at_once: int = CELLS
) -> Iterator[pd.DataFrame]:
    """The rows of `interval_table` in parts of `at_once` cells. There is at least one part; it may be empty.

    The last bit of a bootstrap interval can depend on `at_once`, because the cells of a part that have the same number
    of seeds are rows of one array. With eight or more seeds, NumPy sums the values of a single row in another order
    than those of several rows.
    """
    rows = runs[~deals_scored_split(runs)]
    keys = ["study", "dataset", "variant", "cell", "metric", "direction"]
    cell, cells = rows.groupby(keys, sort=False, dropna=False).ngroup().to_numpy(), rows.drop_duplicates(keys)[keys]
    value = rows["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    scored = (rows["status"] == "ok").to_numpy(dtype=bool, na_value=False) & ~np.isnan(value)
    label = [labels.get(key, key[1]) for key in zip(cells["dataset"], cells["metric"], strict=True)]
    n_asked = np.bincount(cell, minlength=len(cells))
    by_key = scales or {}
    fitted = [by_key.get(key, IDENTITY) for key in zip(cells["dataset"], cells["metric"], strict=True)]
    cells = cells.reset_index(drop=True).assign(label=label, n_asked=n_asked, scale=pd.Series(fitted, dtype=object))
    order = np.argsort(cell[scored], kind="stable")
    value_cell, values = cell[scored][order], value[scored][order]
    for start in range(0, max(len(cells), 1), at_once):
        block = cells.iloc[start : start + at_once]
        first, end = np.searchsorted(value_cell, [start, start + len(block)])
        yield _rows(block, value_cell[first:end] - start, values[first:end])


def _rows(cells: pd.DataFrame, cell: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Rows of the table for the block `cells`. `cell`: for each of `values`, the position of its cell in the block."""
    parts = [_part(cells.iloc[members], table) for members, table in by_size(cell, values, len(cells))]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=COLUMNS)
    # This restores the order of the cells. The sort is stable, so the rows of each cell stay in their order.
    table = table.sort_index(kind="stable").reset_index(drop=True)[COLUMNS]
    return table.astype({"n_scored": "Int64", "n_asked": "Int64", "printed": "boolean"})


def _part(cells: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    """Rows of the table for cells with n scores each, `values` (cells, n).

    The index of a row is the position of its cell.
    """
    shared = cells.assign(n_scored=values.shape[1], scale=[scale.name for scale in cells["scale"]])
    return pd.concat([shared.assign(**columns) for columns in _columns(values, cells["scale"].tolist())])


def _columns(values: np.ndarray, scales: list[Scale]) -> Iterator[dict[str, Any]]:
    """One dict of columns (cells,) per statistic and method, for cells with `values` (cells, n)."""
    n = values.shape[1]
    constant = values.max(axis=1) == values.min(axis=1) if n > 1 else np.zeros(len(values), dtype=bool)
    on_scale = _by_scale(scales, values, Scale.to)
    spread = {
        "sd": values.std(axis=1, ddof=1) if n > 1 else np.nan,
        "iqr": interquartile_range(values) if n > 1 else np.nan,
    }
    for name, statistic in STATISTICS.items():
        value = np.where(constant, values[:, 0], _by_scale(scales, statistic(on_scale), Scale.back)) if n else np.nan
        printed = _printed(name, n)
        for method, scaled_ends, note in _intervals(on_scale, name):
            ends = np.where(constant[:, None], np.nan, _by_scale(scales, scaled_ends, Scale.back))
            notes = [note if method != "bca" or not np.isnan(low) else NO_BCA for low in ends[:, 0]]
            yield {
                "statistic": name,
                "value": value,
                **spread,
                "method": method,
                "low": ends[:, 0],
                "high": ends[:, 1],
                "printed": method == printed,
                "interval": None if method is None else WORDS.get((name, method)) or WORDS[method],
                "note": np.where(constant, CONSTANT, np.array(notes, dtype=object)),
            }


def _by_scale(
    scales: list[Scale], rows: np.ndarray, transform: Callable[[Scale, np.ndarray], np.ndarray]
) -> np.ndarray:
    """`rows` (cells, ...), each transformed with the scale of its cell."""
    result = np.array(rows, dtype=np.float64)
    for scale in set(scales):
        members = [other == scale for other in scales]
        result[members] = transform(scale, result[members])
    return result


def _intervals(values: np.ndarray, name: str) -> Iterator[tuple[str | None, np.ndarray, str | None]]:
    """(method, ends (cells, 2), note) of each interval of a statistic. Method None: there is no interval."""
    n = values.shape[1]
    undefined = np.full((len(values), 2), np.nan)
    if n < 2:
        yield None, undefined, "no scored run" if n == 0 else "one scored run, so the spread is unknown"
        return
    method, closed = CLOSED[name]
    ends = closed(values, LEVEL)
    if not np.isnan(ends).all():
        yield method, ends, None
    elif name == "median":
        yield None, undefined, f"no interval of a median covers 95 % with {n} seeds" if n < MEDIAN_FROM else None
    if n >= BOOTSTRAP_FROM:
        statistic = STATISTICS[name]
        replicates = bootstrap(values, statistic, resamples(n))
        if n >= BCA_FROM:
            yield "bca", bca_interval(values, replicates, statistic, LEVEL), None
        else:
            yield "percentile", percentile_interval(replicates, LEVEL), None


def _printed(name: str, n: int) -> str | None:
    """Method of the printed interval of a statistic over n seeds; None if no interval is printed."""
    if n < 2:
        return None
    if name != "median":
        return "t"
    if n >= 6:
        return "order statistics"
    return "percentile" if n >= MEDIAN_FROM else None
