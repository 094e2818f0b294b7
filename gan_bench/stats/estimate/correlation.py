"""Confidence interval of a rank correlation."""

import numpy as np
from scipy import special

from gan_bench.stats.estimate.intervals import LEVEL


def correlation_interval(r: float, numerator: float, denominator: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a rank correlation by Fisher's z transformation with variance numerator / denominator.

    Bonett and Wright 2000, Psychometrika 65:23: the variance is .437 / (n - 4) for Kendall's tau and
    (1 + r^2 / 2) / (n - 3) for Spearman's coefficient. NaN for |r| = 1, where z is infinite.
    """
    if abs(r) >= 1 - 1e-12:
        return float("nan"), float("nan")
    half = special.ndtri((1 + level) / 2) * np.sqrt(numerator / denominator)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
