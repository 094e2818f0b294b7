"""Descriptive statistics of very many small groups of values, computed for all groups of one size at once."""

from collections.abc import Iterator

import numpy as np

from gan_bench.stats.estimate.intervals import LEVEL, t_interval
from gan_bench.stats.estimate.location import interquartile_mean, interquartile_range
from gan_bench.stats.estimate.scales import IDENTITY, Scale

#: Names of the statistics that `describe` returns.
DESCRIBED = ("mean", "sd", "median", "min", "max", "iqm", "iqr", "centre", "ci_low", "ci_high")


def by_size(group: np.ndarray, values: np.ndarray, groups: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each group size n, ascending: indices (k,) and values (k, n) of the k groups with n values.

    Args:
        group: (rows,) index of the group of each value, 0 ... groups - 1.
        values: (rows,); their order within a group is kept.
        groups: number of groups; some may be empty.
    """
    ordered = values[np.argsort(group, kind="stable")]
    size = np.bincount(group, minlength=groups)
    start = np.cumsum(size) - size
    for n in np.unique(size):
        members = np.flatnonzero(size == n)
        yield members, ordered[start[members][:, None] + np.arange(n)]


def describe(group: np.ndarray, values: np.ndarray, groups: int, scale: Scale = IDENTITY) -> dict[str, np.ndarray]:
    """The statistics DESCRIBED: name -> (groups,). NaN if a group has too few values.

    `sd` has divisor n - 1. `centre` is the mean on `scale`, transformed back. `ci_low` and `ci_high` are the ends of
    its Student 95 % interval, also transformed back. They are NaN if all values of a group are equal. For the other
    arguments see `by_size`.

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
            constant = table.max(axis=1) == table.min(axis=1)
            on_scale = scale.to(table)
            statistics["centre"][members] = np.where(constant, table[:, 0], scale.back(on_scale.mean(axis=1)))
        if n > 1:
            statistics["sd"][members] = table.std(axis=1, ddof=1)
            statistics["iqr"][members] = interquartile_range(table)
            ends = np.where(constant[:, None], np.nan, scale.back(t_interval(on_scale, LEVEL)))
            statistics["ci_low"][members], statistics["ci_high"][members] = ends.T
    return statistics


def counts(group: np.ndarray, mask: np.ndarray, groups: int) -> np.ndarray:
    """Number of rows of each group (groups,) for which the mask (rows,) is true."""
    return np.bincount(group[mask], minlength=groups)
