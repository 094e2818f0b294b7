"""Confidence intervals in closed form: of means, medians, interquartile means, proportions and rank correlations.

In the shapes of arrays, a cell is one variant on one data set, and n is the number of its seeds.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from gan_bench.stats.estimate.location import TRIMMED

#: Confidence level of every printed interval.
LEVEL = 0.95


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float] | None:
    """Student t interval of the mean of n independent values; None for n < 2, because the spread is unknown.

    Student 1908, Biometrika 6: mean +- t(n-1) s / sqrt(n), where s has divisor n - 1. The interval assumes a normal
    population. It is not cut at the metric's range.

    Raises:
        ValueError: for a value that is not finite.
    """
    x = np.asarray(values, dtype=np.float64)
    if not np.isfinite(x).all():
        raise ValueError("an interval needs finite values")
    if len(x) < 2:
        return None
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def wilson_interval(hits: int, n: int, level: float = LEVEL) -> tuple[float, float] | None:
    """Wilson's score interval of the proportion hits / n, without continuity correction; None for n = 0.

    Wilson 1927, J. Am. Stat. Assoc. 22.

    Raises:
        ValueError: unless 0 <= hits <= n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits of {n}")
    if n == 0:
        return None
    interval = stats.binomtest(hits, n).proportion_ci(confidence_level=level, method="wilson")
    return float(interval.low), float(interval.high)


def t_interval(values: np.ndarray, level: float) -> np.ndarray:
    """Student t interval of the mean: (cells, n) -> (cells, 2) lower and upper ends; NaN for n < 2."""
    sd = values.std(axis=1, ddof=1) if values.shape[1] > 1 else None
    return _student(values.mean(axis=1), sd, values, level, 0)


def trimmed_t_interval(values: np.ndarray, level: float) -> np.ndarray:
    """t interval of the interquartile mean: (cells, n) -> (cells, 2); NaN if fewer than two values are kept.

    Tukey and McLaughlin 1963, Sankhya A 25. The standard deviation of the Winsorised values is divided by the share of
    values that is kept. The degrees of freedom are n - 2 floor(n / 4) - 1. For n <= 3 this interval equals Student's
    interval.
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
    """Distribution-free interval of the median, between two order statistics: (cells, n) -> (cells, 2).

    Thompson 1936, Ann. Math. Stat. 7: the interval from the k-th smallest to the k-th largest value covers the median
    with probability 1 - 2 P(B < k), where B is binomial (n, 1/2). k is the largest number for which this probability is
    at least `level`. For n < 6 at 95 % the ends are NaN, because even the whole range covers the median too rarely
    (75 % for three values).
    """
    n = values.shape[1]
    k = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    # ppf returns the smallest k with P(B <= k) >= tail. The interval needs the largest k with P(B <= k - 1) <= tail.
    if stats.binom.cdf(k, n, 0.5) <= (1 - level) / 2:
        k += 1
    if k < 1:
        return np.full((len(values), 2), np.nan)
    ordered = np.sort(values, axis=1)
    return np.stack([ordered[:, k - 1], ordered[:, n - k]], axis=1)


def correlation_interval(r: float, numerator: float, denominator: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a rank correlation by Fisher's z transformation with variance numerator / denominator.

    Bonett and Wright 2000, Psychometrika 65:23: the variance is .437 / (n - 4) for Kendall's tau and
    (1 + r^2 / 2) / (n - 3) for Spearman's coefficient. The ends are NaN for |r| = 1, because z is infinite.
    """
    if abs(r) >= 1 - 1e-12:
        return float("nan"), float("nan")
    half = special.ndtri((1 + level) / 2) * np.sqrt(numerator / denominator)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
