"""Confidence intervals of one mean and of one proportion."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

#: Confidence level of every printed interval.
LEVEL = 0.95


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float] | None:
    """Student t interval of the mean of n independent values; None for n < 2, where the spread is unknown.

    Student 1908, Biometrika 6: mean +- t(n-1) s / sqrt(n), s with divisor n - 1. It assumes a normal population and is
    not cut at the metric's range.

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
