"""Bootstrap confidence intervals, for many cells with the same number of seeds at once.

A cell is one variant on one data set.
"""

import functools

import numpy as np
from scipy import special

from gan_bench import seeds
from gan_bench.stats.estimate.location import Statistic

#: Default number of resamples. With 2000 resamples, the random error of an end of a 95 % interval is about 3 % of the
#: interval's half-width.
RESAMPLES = 2000
#: Seed of the bootstrap, in all tables. It is fixed, so that the same runs always give the same tables.
SEED = 0
#: Largest number of resampled values in memory at a time. Cells are processed in blocks.
BLOCK = 4_000_000


@functools.lru_cache(maxsize=64)
def resamples(n: int, seed: int = SEED, count: int = RESAMPLES) -> np.ndarray:
    """Resampled positions (count, n), drawn with replacement.

    All cells with n seeds use the same positions, in every study.
    """
    drawn = seeds.generator(seed, "bootstrap").integers(0, n, (count, n))
    drawn.flags.writeable = False
    return drawn


def bootstrap(values: np.ndarray, statistic: Statistic, drawn: np.ndarray) -> np.ndarray:
    """Sorted bootstrap replicates of a statistic: values (cells, n), positions (count, n) -> (cells, count)."""
    size = max(1, BLOCK // drawn.size)
    blocks = [statistic(values[i : i + size][:, drawn]) for i in range(0, len(values), size)]
    return np.sort(np.concatenate(blocks), axis=1) if blocks else np.empty((0, len(drawn)))


def percentile_interval(replicates: np.ndarray, level: float) -> np.ndarray:
    """Percentile interval: sorted replicates (cells, count) -> (cells, 2). Efron and Tibshirani 1993, equation 13.5."""
    tail = np.full(len(replicates), (1 - level) / 2)
    return np.stack([_quantile(replicates, tail), _quantile(replicates, 1 - tail)], axis=1)


def bca_interval(values: np.ndarray, replicates: np.ndarray, statistic: Statistic, level: float) -> np.ndarray:
    """Bias-corrected and accelerated interval: values (cells, n), sorted replicates (cells, count) -> (cells, 2).

    Efron and Tibshirani 1993, equations 14.9 to 14.15. A replicate equal to the estimate counts half in the bias
    correction. The ends are NaN if all replicates are equal or on one side of the estimate, because the bias is then
    unknown.
    """
    estimate = statistic(values)[:, None]
    below = ((replicates < estimate).mean(axis=1) + (replicates <= estimate).mean(axis=1)) / 2
    bias = special.ndtri(below)
    known = np.isfinite(bias) & (replicates[:, 0] != replicates[:, -1])
    ends = np.full((len(values), 2), np.nan)
    bias, acceleration = bias[known], _acceleration(values[known], statistic)
    for side, z in enumerate(special.ndtri([(1 - level) / 2, (1 + level) / 2])):
        shifted, rows = bias + z, np.flatnonzero(known)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = special.ndtr(bias + shifted / (1 - acceleration * shifted))
        defined = ~np.isnan(at)
        ends[rows[defined], side] = _quantile(replicates[rows[defined]], at[defined])
    ends[np.isnan(ends).any(axis=1)] = np.nan
    return ends


def _acceleration(values: np.ndarray, statistic: Statistic) -> np.ndarray:
    """Acceleration, values (cells, n) -> (cells,): skewness of the leave-one-out estimates / 6; 0 if all are equal."""
    n = values.shape[1]
    remaining = np.array([[j for j in range(n) if j != i] for i in range(n)])
    d = statistic(values[:, remaining])
    d = d.mean(axis=1, keepdims=True) - d
    # Very small or very large values are first divided by the largest one. Otherwise their cubes underflow or overflow.
    # The division does not change the skewness.
    size = np.abs(d).max(axis=1, keepdims=True)
    extreme = (size[:, 0] > 0) & ((size[:, 0] < 1e-100) | (size[:, 0] > 1e100))
    d[extreme] /= size[extreme]
    spread = (d**2).sum(axis=1)
    return np.divide((d**3).sum(axis=1), 6 * spread**1.5, out=np.zeros_like(spread), where=spread > 0)


def _quantile(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Quantile `at` (cells,) of each sorted row (cells, count), by linear interpolation."""
    place = at * (rows.shape[1] - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, rows.shape[1] - 1)
    index = np.arange(len(rows))
    return np.asarray(rows[index, low] + (place - low) * (rows[index, high] - rows[index, low]))
