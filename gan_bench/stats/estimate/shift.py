"""Hodges-Lehmann shift between two variants, in the metric's unit, with its exact interval.

Hodges and Lehmann 1963, Ann. Math. Stat. 34:598; intervals by inverting the rank tests (Hollander and Wolfe,
Nonparametric Statistical Methods, sections 3.3 and 4.3).
"""

import functools
import math

import numpy as np
from scipy import special

from gan_bench.stats.estimate.rank_tests import EXACT_SIGNS, EXACT_SUM, sign_law, sum_law

Shift = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Estimate, lower end and upper end, each (pairs,)."""


def paired_shift(differences: np.ndarray, level: float) -> Shift:
    """Shift of paired differences (pairs, n): the median of their Walsh averages (means of every two).

    The ends are NaN where even the whole range covers less than `level` (n < 6 at 95 %).
    """
    n = differences.shape[1]
    first, second = np.triu_indices(n)
    walsh = np.sort((differences[:, first] + differences[:, second]) / 2, axis=1)
    return _order_interval(walsh, _signed_rank_cut(n, level))


def unpaired_shift(a: np.ndarray, b: np.ndarray, level: float) -> Shift:
    """Shift of values (n,) minus values (m,), as one pair: the median of all n m differences."""
    differences = np.sort(np.subtract.outer(a, b).ravel())[None]
    return _order_interval(differences, _rank_sum_cut(len(a), len(b), level))


def _order_interval(ordered: np.ndarray, cut: int) -> Shift:
    """Median of each sorted row, with the `cut`-th smallest and the `cut`-th largest value; these are NaN for cut 0."""
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
    """The same for the Mann-Whitney statistic of n and m untied values."""
    tail = (1 - level) / 2
    if n + m > EXACT_SUM:
        sd = math.sqrt(n * m * (n + m + 1) / 12)
        return max(0, math.floor(n * m / 2 + special.ndtri(tail) * sd))
    law = sum_law(np.arange(1, n + m + 1, dtype=np.int64).tobytes(), n)[n * (n + 1) // 2 :]
    return int(np.searchsorted(np.cumsum(law), tail, side="right"))
