"""Wilcoxon signed-rank and rank-sum (Mann-Whitney) tests with ties. For small samples, such as a few seeds, p is exact.

Up to EXACT_SIGNS or EXACT_SUM values, the null distribution is enumerated over the observed ranks, ties included,
without a normal approximation. Ranks are doubled, so that average ranks of ties are whole numbers.
"""

import functools
import math

import numpy as np
from scipy import special, stats

#: Largest number of values with an exact test: nonzero differences (EXACT_SIGNS), or both samples together (EXACT_SUM).
#: For more values, the normal approximation is used, corrected for ties and continuity.
EXACT_SIGNS = 60
EXACT_SUM = 60


def signed_rank(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wilcoxon signed-rank test of paired differences (pairs, n). Infinite differences have the highest ranks.

    Wilcoxon 1945, Biometrics Bull. 1:80. Zeros are ranked, and half of their rank sum is added to each of the two rank
    sums, as in Demsar 2006 (Pratt 1959). In the null distribution, only the signs of nonzero differences are random.
    p is 1 if all differences are zero.

    Returns:
        Smaller rank sum, two-sided p, and sign of the differences with the larger rank sum (0 if the sums are equal),
        each (pairs,).
    """
    ranks = np.asarray(stats.rankdata(np.abs(differences), axis=1))
    zero = differences == 0
    positive = np.where(differences > 0, ranks, 0.0).sum(axis=1)
    negative = np.where(differences < 0, ranks, 0.0).sum(axis=1)
    halves = np.where(zero, ranks, 0.0).sum(axis=1) / 2
    p = np.empty(len(differences))
    doubled = np.sort(np.where(zero, 0, np.rint(2 * ranks)).astype(np.int64), axis=1)
    for i, row in enumerate(doubled):
        p[i] = _signed_rank_p(row[np.searchsorted(row, 1) :].tobytes(), round(2 * min(positive[i], negative[i])))
    return np.minimum(positive, negative) + halves, p, np.sign(positive - negative)


@functools.lru_cache(maxsize=100_000)
def _signed_rank_p(ranks: bytes, smaller: int) -> float:
    """2 P(W <= smaller), at most 1. W is the sum of the doubled ranks, each of them included with probability 1/2."""
    doubled = np.frombuffer(ranks, dtype=np.int64)
    if not len(doubled):
        return 1.0
    if len(doubled) > EXACT_SIGNS:
        centre, variance = doubled.sum() / 2, (doubled.astype(float) ** 2).sum() / 4
        return min(1.0, 2 * float(special.ndtr((smaller + 1 - centre) / math.sqrt(variance))))
    return min(1.0, 2 * float(sign_law(ranks)[: smaller + 1].sum()))


@functools.lru_cache(maxsize=2_000)
def sign_law(ranks: bytes) -> np.ndarray:
    """Null distribution of the signed-rank sum: probability of each sum 0, 1, ... of the doubled ranks.

    `ranks`: the doubled ranks (int64) as bytes, because the arguments of a cached function must be hashable.
    """
    doubled = np.frombuffer(ranks, dtype=np.int64)
    law = np.zeros(int(doubled.sum()) + 1)
    law[0] = 1.0
    for rank in doubled:
        law[rank:] += law[: len(law) - rank].copy()
        law /= 2
    return law


def rank_sum(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p of the rank-sum test of `a` (n,) against `b` (m,): Wilcoxon 1945, Mann and Whitney 1947.

    inf is larger than all numbers. p is 1 if a sample is empty or all values are equal.
    """
    ranks = np.rint(2 * stats.rankdata(np.concatenate([a, b]))).astype(np.int64)
    n, total = len(a), len(ranks)
    if n in (0, total):
        return 1.0
    sum_a = int(ranks[:n].sum())
    if total > EXACT_SUM:
        centre = n * ranks.mean()
        variance = n * (total - n) / (total * (total - 1)) * ((ranks - ranks.mean()) ** 2).sum()
        if variance == 0:
            return 1.0
        return min(1.0, 2 * float(special.ndtr((1 - abs(sum_a - centre)) / math.sqrt(variance))))
    law = sum_law(np.sort(ranks).tobytes(), n)
    # Twice the smaller tail, as in `signed_rank`.
    return min(1.0, 2 * min(float(law[: sum_a + 1].sum()), float(law[sum_a:].sum())))


@functools.lru_cache(maxsize=2_000)
def sum_law(ranks: bytes, n: int) -> np.ndarray:
    """Null distribution of the rank sum: probability of each sum of n doubled ranks drawn without replacement."""
    doubled = np.frombuffer(ranks, dtype=np.int64)
    law = np.zeros((n + 1, int(doubled[-n:].sum()) + 1))
    law[0, 0] = 1.0
    for rank in doubled:
        law[1:, rank:] += law[:-1, : law.shape[1] - rank].copy()
    return np.asarray(law[n] / law[n].sum())


def smallest_p(n: int, m: int | None = None) -> float:
    """Smallest possible two-sided p of n untied pairs (`m` None), or of n against m untied values."""
    return min(1.0, 2 / math.comb(n + m, n) if m is not None else 2.0 ** (1 - n))


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p values: (m,) -> (m,), Holm 1979, Scand. J. Stat. 6:65. NaN stays NaN and is not counted in m.

    The i-th smallest p is multiplied by m - i + 1; the results are made monotone and limited to 1.
    """
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    defined = np.flatnonzero(~np.isnan(p))
    order = defined[np.argsort(p[defined], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors)) if len(order) else adjusted[order]
    return adjusted
