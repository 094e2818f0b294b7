"""Effect sizes of two variants with their intervals: probability of improvement, and Hodges-Lehmann shift."""

import functools
import math

import numpy as np
from scipy import special

from gan_bench.stats.estimate.rank_tests import EXACT_SIGNS, EXACT_SUM, sign_law, sum_law


def probability_of_improvement(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Share of the n m pairs of runs in which a is better than b: (..., n), (..., m) -> (...). Ties count half.

    Agarwal et al. 2021 (arXiv:2108.13264), section 4.3; this share is the Mann-Whitney statistic divided by n m.
    Smaller values are better. inf means a failed run: worse than any number, and tied with other failed runs.
    """
    left, right = a[..., :, None], b[..., None, :]
    return np.asarray(((left < right).mean(axis=(-2, -1)) + (left <= right).mean(axis=(-2, -1))) / 2)


def improvement_interval(share: np.ndarray, n: np.ndarray, m: np.ndarray, level: float) -> np.ndarray:
    """Score interval (..., 2) of probabilities of improvement `share` (...), which were estimated from n and m runs.

    Method 5 of Newcombe 2006, Stat. Med. 25:559. Both ends of the interval solve |share - p| = z sqrt(V(p)), with

        V(p) = p (1 - p) (1 + N ((1 - p) / (2 - p) + p / (1 + p))) / (n m)  and  N = (n + m) / 2 - 1.

    For n = m, V is exact if the scores are exponentially distributed. If one variant is better in all pairs, a
    bootstrap interval has width 0, but this interval does not. For n = m = 1 this interval is Wilson's interval. The
    interval treats the runs of the two variants as independent. This is conservative if a shared seed moves the scores
    of both variants in the same direction.
    """
    share, n, m = np.broadcast_arrays(np.asarray(share, float), np.asarray(n, float), np.asarray(m, float))
    z = special.ndtri((1 + level) / 2)
    low = _solve(share, np.zeros_like(share), share, n, m, z)
    high = _solve(share, np.ones_like(share), share, n, m, z)
    return np.stack([low, high], axis=-1)


def _solve(
    share: np.ndarray, outer: np.ndarray, inner: np.ndarray, n: np.ndarray, m: np.ndarray, z: float
) -> np.ndarray:
    """One end of the interval, by bisection between a rejected p (`outer`) and an accepted p (`inner`)."""
    extra = (n + m) / 2 - 1
    for _ in range(60):
        p = (outer + inner) / 2
        variance = p * (1 - p) * (1 + extra * ((1 - p) / (2 - p) + p / (1 + p))) / (n * m)
        rejected = (share - p) ** 2 > z**2 * variance
        outer, inner = np.where(rejected, p, outer), np.where(rejected, inner, p)
    return np.asarray((outer + inner) / 2)


Shift = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Estimate, lower end and upper end, each (pairs,)."""


def paired_shift(differences: np.ndarray, level: float) -> Shift:
    """Hodges-Lehmann shift of paired differences (pairs, n): the median of their Walsh averages.

    Walsh averages are the means of every two differences, including each difference with itself. The ends of the
    shift's interval are NaN if even the whole range of the averages has a coverage below `level` (n < 6 at 95 %).
    """
    n = differences.shape[1]
    first, second = np.triu_indices(n)
    walsh = np.sort((differences[:, first] + differences[:, second]) / 2, axis=1)
    return _order_interval(walsh, _signed_rank_cut(n, level))


def unpaired_shift(a: np.ndarray, b: np.ndarray, level: float) -> Shift:
    """Hodges-Lehmann shift of `a` (n,) against `b` (m,): median of all n m differences. The results have shape (1,)."""
    differences = np.sort(np.subtract.outer(a, b).ravel())[None]
    return _order_interval(differences, _rank_sum_cut(len(a), len(b), level))


def _order_interval(ordered: np.ndarray, cut: int) -> Shift:
    """Median, `cut`-th smallest and `cut`-th largest value of each sorted row. The last two are NaN if `cut` is 0."""
    if ordered.shape[1] == 0:
        undefined = np.full(len(ordered), np.nan)
        return undefined, undefined, undefined
    middle = np.asarray(np.median(ordered, axis=1))
    if cut < 1:
        undefined = np.full(len(ordered), np.nan)
        return middle, undefined, undefined
    return middle, ordered[:, cut - 1], ordered[:, -cut]


@functools.lru_cache(maxsize=256)
def _signed_rank_cut(n: int, level: float) -> int:
    """Largest k with P(W < k) <= (1 - level) / 2 for the signed-rank sum W of n untied differences."""
    tail = (1 - level) / 2
    if n > EXACT_SIGNS:
        sd = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(0, math.floor(n * (n + 1) / 4 + special.ndtri(tail) * sd))
    law = sign_law(np.arange(1, n + 1, dtype=np.int64).tobytes())
    return int(np.searchsorted(np.cumsum(law), tail, side="right"))


@functools.lru_cache(maxsize=256)
def _rank_sum_cut(n: int, m: int, level: float) -> int:
    """Largest k with P(U < k) <= (1 - level) / 2 for the Mann-Whitney statistic U of n and m untied values."""
    tail = (1 - level) / 2
    if n + m > EXACT_SUM:
        sd = math.sqrt(n * m * (n + m + 1) / 12)
        return max(0, math.floor(n * m / 2 + special.ndtri(tail) * sd))
    law = sum_law(np.arange(1, n + m + 1, dtype=np.int64).tobytes(), n)[n * (n + 1) // 2 :]
    return int(np.searchsorted(np.cumsum(law), tail, side="right"))
