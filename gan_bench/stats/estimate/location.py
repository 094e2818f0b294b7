"""Estimates of location and spread over seeds, for many cells at once.

A cell is one variant on one data set. The last axis of each array has the seeds.
"""

from collections.abc import Callable

import numpy as np

#: Share of the sorted values that the interquartile mean leaves out at each end.
TRIMMED = 0.25

Statistic = Callable[[np.ndarray], np.ndarray]


def mean(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis: (..., n) -> (...)."""
    return values.mean(axis=-1)


def median(values: np.ndarray) -> np.ndarray:
    """Median over the last axis: (..., n) -> (...). For even n it is the mean of the two middle values."""
    return np.asarray(np.median(values, axis=-1))


def interquartile_mean(values: np.ndarray) -> np.ndarray:
    """Mean without the floor(n / 4) smallest and the floor(n / 4) largest values: (..., n) -> (...).

    Agarwal et al. 2021 (arXiv:2108.13264), section 4.3, as their library computes it (`scipy.stats.trim_mean`). The
    interquartile mean equals the mean for n <= 3 and the median for n = 4.
    """
    n = values.shape[-1]
    cut = int(TRIMMED * n)
    if cut == 0:
        return values.mean(axis=-1)
    return np.sort(values, axis=-1)[..., cut : n - cut].mean(axis=-1)


def interquartile_range(values: np.ndarray) -> np.ndarray:
    """Third minus first quartile: (..., n) -> (...), by linear interpolation (Hyndman and Fan 1996, type 7)."""
    low, high = np.quantile(values, [0.25, 0.75], axis=-1)
    return np.asarray(high - low)


#: Name of a statistic in intervals.csv -> function that computes it.
STATISTICS: dict[str, Statistic] = {"mean": mean, "median": median, "iqm": interquartile_mean}
