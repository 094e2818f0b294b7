"""The only rule by which a variant is called better than another one, or the best, on one metric of one data set.

Variants are compared by their means on the metric's scale (for example, the mean log of a distance). The intervals of
the differences are Games and Howell's simultaneous 95 % intervals. A variant is excluded as the best if the interval of
its difference from some other variant is entirely on the worse side of 0. The variants that are not excluded are the
top group. If the top group is a single variant, this variant is the winner, provided that there was another one to
compare with. Hsu (Multiple Comparisons: Theory and Methods, 1996, chapter 4) uses simultaneous intervals for
comparisons with the best in this way. His own critical value (Dunnett's, with a pooled spread) is not used, because it
excludes the true best variant too often if the standard deviations of the variants differ (docs/statistics.md).

Lost runs (diverged, failed, out of time) have no score to average. A variant with lost runs is compared by its
remaining scores, and these make it look better than it is. Such a variant can be excluded, but it excludes no other
variant and is never the winner. The same holds for a variant with missing runs or with fewer than LEAST (3) scores. A
variant that lost all its runs is worse than any complete variant.
"""

from dataclasses import dataclass

import numpy as np

from gan_bench.stats.estimate.games_howell import LEAST, Differences, differences

#: Largest number of rivals. The rivals are the variants with the best means, and every variant is compared with all
#: rivals.
MOST_RIVALS = 400
#: Number of variants that are compared with the rivals at a time.
BLOCK = 500


@dataclass(frozen=True)
class Summary:
    """Statistics of the scores of each variant, on the metric's scale; smaller is better. Each array is (variants,).

    `variance` is NaN for fewer than two scores. If all scores of a variant are equal, it is the pooled variance of the
    variants with unequal scores, because a few equal scores do not show that the true variance is 0. Without such
    variants it is NaN. `n`: number of scores. `complete`: the variant has a score for each planned run. `lost`: all
    planned runs of the variant were lost.
    """

    mean: np.ndarray
    variance: np.ndarray
    n: np.ndarray
    complete: np.ndarray
    lost: np.ndarray

    @property
    def groups(self) -> int:
        """Number of variants with at least two scores: the means that the simultaneous intervals compare."""
        return int((self.n > 1).sum())

    @property
    def able(self) -> np.ndarray:
        """(variants,): whether a variant may exclude other variants as the best."""
        return self.complete & (self.n >= LEAST)

    def compare(self, first: np.ndarray, second: np.ndarray) -> Differences:
        """Differences of means, first minus second, for pairs of variants given by their positions (pairs,)."""
        one, other = ((self.mean[i], self.variance[i], self.n[i]) for i in (first, second))
        return differences(one, other, self.groups)


@dataclass(frozen=True)
class Best:
    """The decision on the best variant.

    Attributes:
        top: (variants,) whether a variant has a score and is not excluded as the best.
        winner: position of the winner among the variants, or None.
        low, high: (variants,) simultaneous interval of each variant's difference from the best of the other variants;
            positive is worse. NaN if no difference of the variant has an interval.
    """

    top: np.ndarray
    winner: int | None
    low: np.ndarray
    high: np.ndarray


def summarise(badness: np.ndarray, planned: np.ndarray) -> Summary:
    """Summary of `badness` (variants, seeds): scores on the metric's scale, signed so that smaller values are better.

    A badness is inf for a lost run, and NaN if there is no score for another reason. `planned` (variants, seeds):
    whether the run is planned.
    """
    scored = np.isfinite(badness)
    n = scored.sum(axis=1)
    values = np.where(scored, badness, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, values.sum(axis=1) / n, np.nan)
        squares = (np.where(scored, badness - mean[:, None], 0.0) ** 2).sum(axis=1)
        constant = np.where(scored, badness, -np.inf).max(axis=1) == np.where(scored, badness, np.inf).min(axis=1)
        variance = np.where(n > 1, np.where(constant, 0.0, squares) / (n - 1), np.nan)
        varied = (n > 1) & ~constant
        pooled = squares[varied].sum() / (n[varied] - 1).sum()
    variance = np.where(constant & (n > 1), pooled, variance)
    lost = np.isinf(badness).any(axis=1) & (np.isinf(badness) | ~planned).all(axis=1)
    return Summary(mean, variance, n, n == planned.sum(axis=1), lost)


def best(summary: Summary) -> Best:
    """The top group and the winner among the variants of a summary."""
    scored = np.flatnonzero(summary.n)
    top = summary.n > 0
    low, high = np.full(len(top), np.nan), np.full(len(top), np.nan)
    rivals = scored[np.argsort(summary.mean[scored], kind="stable")][:MOST_RIVALS]
    for start in range(0, len(scored), BLOCK):
        block = scored[start : start + BLOCK]
        pairs = summary.compare(np.repeat(block, len(rivals)), np.tile(rivals, len(block)))
        same = block[:, None] == rivals
        difference, half = pairs.difference.reshape(same.shape), pairs.half.reshape(same.shape)
        known = ~same & ~np.isnan(half)
        lower, upper = np.where(known, difference - half, -np.inf), np.where(known, difference + half, -np.inf)
        low[block], high[block] = lower.max(axis=1), upper.max(axis=1)
        top[block] = ~(summary.able[rivals] & (lower > 0)).any(axis=1)
    low[np.isinf(low)], high[np.isinf(high)] = np.nan, np.nan
    named = top.sum() == 1 and (len(scored) > 1 or summary.lost.any()) and summary.able[top].all()
    return Best(top, int(np.flatnonzero(top)[0]) if named else None, low, high)
