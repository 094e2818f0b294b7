"""How far two variants lie apart in the metric's own unit: the Hodges-Lehmann shift with its exact interval.

Hodges and Lehmann 1963, Ann. Math. Stat. 34:598; intervals by inverting the rank tests (Hollander and Wolfe,
Nonparametric Statistical Methods, sections 3.3 and 4.3).
"""

import functools
import math

import numpy as np
from scipy import special

from gan_bench.stats.estimate.rank_tests import EXACT_SIGNS, EXACT_SUM, sign_law, sum_law

Shift = tuple[np.ndarray, np.ndarray, np.ndarray]


def paired_shift(differences: np.ndarray, level: float) -> Shift:
    """(pairs, n) differences -> (shift, low, high), each (pairs,): median of the means of every two (Walsh averages).

    Ends are NaN where even the whole range covers less than `level` (n < 6 at 95 %).
    """
    n = differences.shape[1]
    first, second = np.triu_indices(n)
    walsh = np.sort((differences[:, first] + differences[:, second]) / 2, axis=1)
    return _between(walsh, _cut_signs(n, level))


def unpaired_shift(a: np.ndarray, b: np.ndarray, level: float) -> Shift:
    """(n,) and (m,) values -> (shift, low, high) of a less b, each (1,): median of all n m differences."""
    differences = np.sort(np.subtract.outer(a, b).ravel())[None]
    return _between(differences, _cut_sum(len(a), len(b), level))


def _between(ordered: np.ndarray, cut: int) -> Shift:
    """Median of each sorted row, and its values with `cut` - 1 below the one and above the other; NaN for cut 0."""
    if ordered.shape[1] == 0:
        nothing = np.full(len(ordered), np.nan)
        return nothing, nothing, nothing
    middle = np.asarray(np.median(ordered, axis=1))
    if cut < 1:
        nothing = np.full(len(ordered), np.nan)
        return middle, nothing, nothing
    return middle, ordered[:, cut - 1], ordered[:, -cut]


@functools.lru_cache(maxsize=256)
def _cut_signs(n: int, level: float) -> int:
    """Largest k with P(W < k) at most half of what is left of the level, for untied ranks."""
    tail = (1 - level) / 2
    if n > EXACT_SIGNS:
        spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(0, math.floor(n * (n + 1) / 4 + special.ndtri(tail) * spread))
    law = sign_law(np.arange(1, n + 1, dtype=np.int64).tobytes())
    return int(np.searchsorted(np.cumsum(law), tail, side="right"))


@functools.lru_cache(maxsize=256)
def _cut_sum(n: int, m: int, level: float) -> int:
    tail = (1 - level) / 2
    if n + m > EXACT_SUM:
        spread = math.sqrt(n * m * (n + m + 1) / 12)
        return max(0, math.floor(n * m / 2 + special.ndtri(tail) * spread))
    law = sum_law(np.arange(1, n + m + 1, dtype=np.int64).tobytes(), n)[n * (n + 1) // 2 :]
    return int(np.searchsorted(np.cumsum(law), tail, side="right"))
