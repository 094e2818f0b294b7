"""Descriptive statistics of very many small groups of values, computed for all groups of one size at once."""

from collections.abc import Iterator

import numpy as np

from gan_bench.stats.estimate.closed_form import t_interval
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.location import interquartile_mean, interquartile_range

#: Statistics that `describe` returns, by name of their column.
DESCRIBED = ("mean", "sd", "median", "min", "max", "iqm", "iqr", "ci_low", "ci_high")


def by_size(group: np.ndarray, values: np.ndarray, groups: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group numbers (k,) and values (k, n) of all groups of n values, for each size n in ascending order.

    Args:
        group: (rows,) number of the group of each value, 0 ... groups - 1.
        values: (rows,); their order within a group is kept.
        groups: number of groups; some may be empty.
    """
    ordered = values[np.argsort(group, kind="stable")]
    size = np.bincount(group, minlength=groups)
    start = np.cumsum(size) - size
    for n in np.unique(size):
        members = np.flatnonzero(size == n)
        yield members, ordered[start[members][:, None] + np.arange(n)]


def describe(group: np.ndarray, values: np.ndarray, groups: int) -> dict[str, np.ndarray]:
    """Statistics DESCRIBED of each group, (groups,) by name; NaN where a group has too few values.

    `sd` has divisor n - 1; `ci_low` and `ci_high` are Student's 95 % interval of the mean. Arguments as in `by_size`.

    Raises:
        ValueError: for a value that is not finite.
    """
    if not np.isfinite(values).all():
        raise ValueError("an interval needs finite values")
    statistics = {name: np.full(groups, np.nan) for name in DESCRIBED}
    for members, table in by_size(group, values, groups):
        n = table.shape[1]
        if n:
            statistics["mean"][members] = table.mean(axis=1)
            statistics["median"][members] = np.median(table, axis=1)
            statistics["min"][members], statistics["max"][members] = table.min(axis=1), table.max(axis=1)
            statistics["iqm"][members] = interquartile_mean(table)
        if n > 1:
            statistics["sd"][members] = table.std(axis=1, ddof=1)
            statistics["iqr"][members] = interquartile_range(table)
            statistics["ci_low"][members], statistics["ci_high"][members] = t_interval(table, LEVEL).T
    return statistics


def counts(group: np.ndarray, mask: np.ndarray, groups: int) -> np.ndarray:
    """Number of rows of each group (groups,) for which the mask (rows,) is true."""
    return np.bincount(group[mask], minlength=groups)
