"""Statistics of very many small groups of values at once: those of equally many values as one array."""

from collections.abc import Iterator

import numpy as np

from gan_bench.stats.estimate.closed_form import t_interval
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.location import interquartile_mean, interquartile_range

#: What `describe` finds, by column.
DESCRIBED = ("mean", "sd", "median", "min", "max", "iqm", "iqr", "ci_low", "ci_high")


def by_size(group: np.ndarray, values: np.ndarray, groups: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups (k,) of equally many values, and these values (k, n) in the order in which they come; sizes ascending.

    `group`: number 0 ... groups - 1 of each value's group.
    """
    ordered = values[np.argsort(group, kind="stable")]
    size = np.bincount(group, minlength=groups)
    start = np.cumsum(size) - size
    for n in np.unique(size):
        members = np.flatnonzero(size == n)
        yield members, ordered[start[members][:, None] + np.arange(n)]


def describe(group: np.ndarray, values: np.ndarray, groups: int) -> dict[str, np.ndarray]:
    """(groups,) of each of DESCRIBED; NaN where a group has too few values for it. ValueError for an infinite value.

    `sd` has divisor n - 1; `ci_low` and `ci_high` are Student's 95 % interval of the mean.
    """
    if not np.isfinite(values).all():
        raise ValueError("an interval needs finite values")
    found = {name: np.full(groups, np.nan) for name in DESCRIBED}
    for members, table in by_size(group, values, groups):
        n = table.shape[1]
        if n:
            found["mean"][members] = table.mean(axis=1)
            found["median"][members] = np.median(table, axis=1)
            found["min"][members], found["max"][members] = table.min(axis=1), table.max(axis=1)
            found["iqm"][members] = interquartile_mean(table)
        if n > 1:
            found["sd"][members] = table.std(axis=1, ddof=1)
            found["iqr"][members] = interquartile_range(table)
            found["ci_low"][members], found["ci_high"][members] = t_interval(table, LEVEL).T
    return found


def counts(group: np.ndarray, which: np.ndarray, groups: int) -> np.ndarray:
    """(groups,): how many rows of each group are in `which`, a mask of the rows."""
    return np.bincount(group[which], minlength=groups)
