"""Probability of improvement of one variant over another, with a score interval."""

import numpy as np
from scipy import special


def probability_of_improvement(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Share of the n m pairs of runs in which a is better than b, ties count half: (..., n), (..., m) -> (...).

    Agarwal et al. 2021 (arXiv:2108.13264), section 4.3; the Mann-Whitney statistic divided by n m. Smaller values are
    better. inf is a failed run: worse than any number, tied with another failure.
    """
    left, right = a[..., :, None], b[..., None, :]
    return np.asarray(((left < right).mean(axis=(-2, -1)) + (left <= right).mean(axis=(-2, -1))) / 2)


def improvement_interval(share: np.ndarray, n: np.ndarray, m: np.ndarray, level: float) -> np.ndarray:
    """Score interval of probabilities of improvement (...) of n and m runs -> (..., 2).

    Method 5 of Newcombe 2006, Stat. Med. 25:559. The ends solve |share - p| = z sqrt(V(p)), with

        V(p) = p (1 - p) (1 + N ((1 - p) / (2 - p) + p / (1 + p))) / (n m)  and  N = (n + m) / 2 - 1.

    V is exact for exponentially distributed scores. Unlike a bootstrap interval, it has a width also where one variant
    is better in all pairs; for n = m = 1 it is Wilson's interval. It treats the runs of the two variants as
    independent, which is conservative where a shared seed moves both in the same direction.
    """
    share, n, m = np.broadcast_arrays(np.asarray(share, float), np.asarray(n, float), np.asarray(m, float))
    z = special.ndtri((1 + level) / 2)
    low = _solve(share, np.zeros_like(share), share, n, m, z)
    high = _solve(share, np.ones_like(share), share, n, m, z)
    return np.stack([low, high], axis=-1)


def _solve(
    share: np.ndarray, outer: np.ndarray, inner: np.ndarray, n: np.ndarray, m: np.ndarray, z: float
) -> np.ndarray:
    """Bisection for the p between `outer` (rejected) and `inner` (accepted) where the score test starts to reject."""
    extra = (n + m) / 2 - 1
    for _ in range(60):
        p = (outer + inner) / 2
        variance = p * (1 - p) * (1 + extra * ((1 - p) / (2 - p) + p / (1 + p))) / (n * m)
        rejected = (share - p) ** 2 > z**2 * variance
        outer, inner = np.where(rejected, p, outer), np.where(rejected, inner, p)
    return np.asarray((outer + inner) / 2)
