"""Closed-form confidence intervals of mean, interquartile mean and median, for many cells at once."""

import numpy as np
from scipy import stats

from gan_bench.stats.estimate.location import TRIMMED


def t_interval(values: np.ndarray, level: float) -> np.ndarray:
    """Student t interval of the mean: (cells, n) -> (cells, 2) lower and upper ends; NaN for n < 2."""
    sd = values.std(axis=1, ddof=1) if values.shape[1] > 1 else None
    return _student(values.mean(axis=1), sd, values, level, 0)


def trimmed_t_interval(values: np.ndarray, level: float) -> np.ndarray:
    """t interval of the interquartile mean: (cells, n) -> (cells, 2); NaN where fewer than two values are kept.

    Tukey and McLaughlin 1963, Sankhya A 25: the standard deviation of the Winsorised values divided by the share of
    values that is kept, with n - 2 floor(n / 4) - 1 degrees of freedom. Up to n = 3 it equals Student's interval.
    """
    n = values.shape[1]
    cut = int(TRIMMED * n)
    if n - 2 * cut < 2:
        return np.full((len(values), 2), np.nan)
    ordered = np.sort(values, axis=1)
    kept = ordered[:, cut : n - cut]
    winsorised = np.clip(ordered, kept[:, :1], kept[:, -1:])
    scale = n / (n - 2 * cut)
    return _student(kept.mean(axis=1), winsorised.std(axis=1, ddof=1) * scale, values, level, 2 * cut)


def _student(centre: np.ndarray, sd: np.ndarray | None, values: np.ndarray, level: float, cut: int) -> np.ndarray:
    n = values.shape[1]
    if sd is None:
        return np.full((len(values), 2), np.nan)
    half = stats.t.ppf((1 + level) / 2, n - cut - 1) * sd / np.sqrt(n)
    return np.stack([centre - half, centre + half], axis=1)


def median_interval(values: np.ndarray, level: float) -> np.ndarray:
    """Distribution-free interval of the median between two order statistics: (cells, n) -> (cells, 2).

    Thompson 1936, Ann. Math. Stat. 7: the interval from the k-th smallest to the k-th largest value covers the median
    with probability 1 - 2 P(B < k), B binomial (n, 1/2). k is the largest for which that is at least `level`. NaN for
    n < 6 at 95 %, where even the whole range covers too rarely (75 % for three values).
    """
    n = values.shape[1]
    k = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    # ppf gives the first k with P(B <= k) >= tail; the k-th value needs P(B <= k - 1) <= tail.
    if stats.binom.cdf(k, n, 0.5) <= (1 - level) / 2:
        k += 1
    if k < 1:
        return np.full((len(values), 2), np.nan)
    ordered = np.sort(values, axis=1)
    return np.stack([ordered[:, k - 1], ordered[:, n - k]], axis=1)
