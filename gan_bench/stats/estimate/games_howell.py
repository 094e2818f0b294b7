"""Games and Howell's comparison of all pairs of means with unequal spreads, and the seeds needed to separate a pair.

Games and Howell 1976, J. Educ. Stat. 1:113. Two means are separated if their difference exceeds q(k, df) / sqrt(2)
standard errors. The standard error and the degrees of freedom are Welch's for the pair; q is the 95 % quantile of the
studentised range of k means. The intervals of all differences hold simultaneously. The rule was chosen by its error
rates in simulations (docs/statistics.md).
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from scipy.interpolate import PchipInterpolator

from gan_bench.stats.estimate.intervals import LEVEL

#: Probability that a study with the number of seeds from `seeds_needed` separates the two variants.
POWER = 0.8
#: LEAST: smallest number of seeds with which a winner is named. MOST: largest number of seeds in `seeds_needed`.
LEAST, MOST = 3, 9999

#: Degrees of freedom at which critical values are computed. Between them, values are interpolated.
_DF = np.array([1, 1.2, 1.4, 1.7, 2, 2.4, 3, 3.6, 4.5, 6, 8, 11, 16, 25, 50, 150, 1e6])
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


@dataclass(frozen=True)
class Differences:
    """Differences of means, with standard errors `error`, degrees of freedom and critical values; each (pairs,).

    `critical`: largest |difference| / error at which the means are not separated.
    """

    difference: np.ndarray
    error: np.ndarray
    df: np.ndarray
    critical: np.ndarray

    @property
    def half(self) -> np.ndarray:
        """Half-width of the simultaneous interval; NaN for a pair without a standard error."""
        return self.critical * self.error


def differences(
    first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...], groups: int, level: float = LEVEL
) -> Differences:
    """Differences of means, `first` minus `second`, which are both (mean, variance, n). Each array is (pairs,).

    `groups`: number of means of which all pairs are compared.

    `error`, `df` and `critical` are NaN for a pair if one of its means has n < 2 or an unknown variance, or if both
    variances are 0.
    """
    (mean, variance, n), (other_mean, other_variance, m) = first, second
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = variance / n, other_variance / m
        df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))
        error = np.where(a + b > 0, np.sqrt(a + b), np.nan)
    known = np.isfinite(error) & np.isfinite(df) & (n > 1) & (m > 1)
    df = np.where(known, df, np.nan)
    critical = np.full(df.shape, np.nan)
    critical[known] = critical_value(groups, df[known], level)
    return Differences(mean - other_mean, np.where(known, error, np.nan), df, critical)


def critical_value(groups: int, df: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """The `level` quantile of the studentised range of `groups` means, divided by sqrt(2)."""
    curve = _critical_curve(max(groups, 2), level)
    return np.asarray(np.exp(curve(1 / np.maximum(df, 1.0))))


@functools.lru_cache(maxsize=64)
def _critical_curve(groups: int, level: float) -> PchipInterpolator:
    """Logarithm of the critical value as a function of 1 / df."""
    z = np.linspace(-9, 9, 721)
    density = stats.norm.pdf(z) * (z[1] - z[0])
    width = np.linspace(0, 16, 1601)
    log_share = np.log(np.maximum(special.ndtr(z[:, None]) - special.ndtr(z[:, None] - width), 1e-300))
    range_cdf = groups * (density[:, None] * np.exp((groups - 1) * log_share)).sum(axis=0)
    range_cdf[-1] = 1.0
    critical = []
    for df in _DF:
        sd = np.sqrt(stats.chi2.ppf((_NODES + 1) / 2, df) / df)
        low, high = 0.0, 1e4
        for _ in range(60):
            q = (low + high) / 2
            share = (_WEIGHTS / 2 * np.interp(q * sd, width, range_cdf)).sum()
            low, high = (q, high) if share < level else (low, q)
        critical.append(q / np.sqrt(2))
    return PchipInterpolator(1 / _DF[::-1], np.log(critical[::-1]))


def seeds_needed(ratio: np.ndarray, groups: int) -> np.ndarray:
    """Number of seeds per variant, from LEAST to MOST, that separates a pair with a probability of at least POWER.

    `ratio` (pairs,): difference of the means divided by the root mean square of the two standard deviations. A NaN
    ratio gives NaN. The result MOST means MOST seeds or more. Numbers above 100 are rounded up, by up to 4 %.
    """
    sizes, smallest = _smallest_ratios(groups)
    place = np.searchsorted(-smallest, -np.nan_to_num(np.abs(ratio)), side="left")
    return np.where(np.isnan(ratio), np.nan, sizes[np.minimum(place, len(sizes) - 1)])


@functools.lru_cache(maxsize=64)
def _smallest_ratios(groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of seeds, and the smallest ratio that each of them separates with probability POWER. Both are (sizes,).

    The ratio is that of `seeds_needed`. Both variants are assumed to have the same standard deviation.
    """
    sizes = np.unique(np.concatenate([np.arange(LEAST, 100), np.geomspace(100, MOST, 120).round()]))
    df = 2 * (sizes - 1)
    critical = critical_value(groups, df)
    sd = np.sqrt(stats.chi2.ppf((_NODES + 1) / 2, df[:, None]) / df[:, None])
    low, high = np.zeros(len(sizes)), np.full(len(sizes), 1e4)
    for _ in range(60):
        ratio = (low + high) / 2
        shift = (ratio * np.sqrt(sizes / 2))[:, None]
        power = (_WEIGHTS / 2 * special.ndtr(shift - critical[:, None] * sd)).sum(axis=1)
        low, high = np.where(power < POWER, ratio, low), np.where(power < POWER, high, ratio)
    return sizes, high


def spread_interval(spread: np.ndarray, df: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Chi-square interval of a standard deviation that was estimated with `df` degrees of freedom."""
    low, high = (stats.chi2.ppf(tail, df) for tail in ((1 + level) / 2, (1 - level) / 2))
    return spread * np.sqrt(df / low), spread * np.sqrt(df / high)
