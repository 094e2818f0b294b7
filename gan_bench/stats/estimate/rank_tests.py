"""Exact rank tests for two variants: by the signs of paired differences, or by the ranks of unpaired values.

Both take every way that chance could deal the ranks that are there, ties included, so that no table and no law of large
numbers stands between a handful of seeds and their p value.
"""

import functools
import math

import numpy as np
from scipy import special, stats

#: Values up to which all arrangements are counted; beyond, the normal law with its correction for ties and continuity.
EXACT_SIGNS = 60
EXACT_SUM = 60


def signed_rank(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(pairs, n) differences -> (smaller rank sum, two-sided p, sign of the larger), each (pairs,).

    An infinite difference is beyond all others.
    Wilcoxon 1945, Biometrics Bull. 1:80. Zeros are ranked and their ranks dealt to both sides evenly, as in Demsar 2006
    (Pratt 1959); signs of the others are what chance deals. p is 1 where all are zero.
    """
    ranks = np.asarray(stats.rankdata(np.abs(differences), axis=1))
    zero = differences == 0
    positive = np.where(differences > 0, ranks, 0.0).sum(axis=1)
    negative = np.where(differences < 0, ranks, 0.0).sum(axis=1)
    halves = np.where(zero, ranks, 0.0).sum(axis=1) / 2
    p = np.empty(len(differences))
    doubled = np.sort(np.where(zero, 0, np.rint(2 * ranks)).astype(np.int64), axis=1)
    for i, row in enumerate(doubled):
        p[i] = _p_of_signs(row[np.searchsorted(row, 1) :].tobytes(), round(2 * min(positive[i], negative[i])))
    return np.minimum(positive, negative) + halves, p, np.sign(positive - negative)


@functools.lru_cache(maxsize=100_000)
def _p_of_signs(ranks: bytes, smaller: int) -> float:
    """2 P(W <= smaller) where each of the doubled ranks counts or not by the toss of a coin; at most 1."""
    found = np.frombuffer(ranks, dtype=np.int64)
    if not len(found):
        return 1.0
    if len(found) > EXACT_SIGNS:
        centre, variance = found.sum() / 2, (found.astype(float) ** 2).sum() / 4
        return min(1.0, 2 * float(special.ndtr((smaller + 1 - centre) / math.sqrt(variance))))
    return min(1.0, 2 * float(sign_law(ranks)[: smaller + 1].sum()))


@functools.lru_cache(maxsize=2_000)
def sign_law(ranks: bytes) -> np.ndarray:
    """Probability of every sum of doubled ranks."""
    found = np.frombuffer(ranks, dtype=np.int64)
    law = np.zeros(int(found.sum()) + 1)
    law[0] = 1.0
    for rank in found:
        law[rank:] += law[: len(law) - rank].copy()
        law /= 2
    return law


def rank_sum(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p of (n,) against (m,) values, inf a value beyond all others: Wilcoxon 1945, Mann and Whitney 1947."""
    ranks = np.rint(2 * stats.rankdata(np.concatenate([a, b]))).astype(np.int64)
    n, total = len(a), len(ranks)
    if n in (0, total):
        return 1.0
    mine = int(ranks[:n].sum())
    if total > EXACT_SUM:
        centre = n * ranks.mean()
        variance = n * (total - n) / (total * (total - 1)) * ((ranks - ranks.mean()) ** 2).sum()
        if variance == 0:
            return 1.0
        return min(1.0, 2 * float(special.ndtr((1 - abs(mine - centre)) / math.sqrt(variance))))
    law = sum_law(np.sort(ranks).tobytes(), n)
    # Twice the smaller tail, as in `signed_rank`.
    return min(1.0, 2 * min(float(law[: mine + 1].sum()), float(law[mine:].sum())))


@functools.lru_cache(maxsize=2_000)
def sum_law(ranks: bytes, n: int) -> np.ndarray:
    """Probability of every sum of n of the doubled ranks drawn without replacement."""
    found = np.frombuffer(ranks, dtype=np.int64)
    law = np.zeros((n + 1, int(found[-n:].sum()) + 1))
    law[0, 0] = 1.0
    for rank in found:
        law[1:, rank:] += law[:-1, : law.shape[1] - rank].copy()
    return np.asarray(law[n] / law[n].sum())


def smallest_p(n: int, m: int | None = None) -> float:
    """The smallest two-sided p that n pairs (`m` None), or n against m values, can give without ties."""
    return min(1.0, 2 / math.comb(n + m, n) if m is not None else 2.0 ** (1 - n))
