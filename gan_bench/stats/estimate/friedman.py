"""Friedman's test for differences between variants over blocks, and Nemenyi's critical difference of mean ranks.

Demsar 2006, J. Mach. Learn. Res. 7:1-30, section 3.2.
"""

import functools
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.resample import SEED

ALPHA = 0.05
#: Random permutations of the permutation test, which is done where blocks x variants is at most PERMUTED_UP_TO: the
#: chi2 and F distributions are approximate for so few ranks.
PERMUTATIONS = 2000
PERMUTED_UP_TO = 200


@dataclass(frozen=True)
class Friedman:
    """Friedman's statistic as chi2 and as F, with p values and Kendall's W.

    NaN where undefined: everything if all variants tie in every block; F also for one block, and where all blocks
    have the same order.
    """

    chi2: float
    df: int
    p_chi2: float
    f: float
    df2: int
    p_f: float
    p_permutation: float
    kendall_w: float

    @property
    def p(self) -> float:
        """The p value that decides: of the permutation test if there is one, else of F, else of chi2."""
        return next((p for p in (self.p_permutation, self.p_f) if not np.isnan(p)), self.p_chi2)


def friedman(ranks: np.ndarray, *, correct_ties: bool = True, seed: int = SEED) -> Friedman:
    """Friedman's test of (blocks, variants) ranks within blocks: 1 is the best, ties have their average rank.

    chi2 of Friedman 1937, divided by 1 minus the share of tied ranks with `correct_ties` (Demsar does not divide);
    F of Iman and Davenport 1980; W of Kendall.

    Raises:
        ValueError: for fewer than two variants.
    """
    blocks, k = ranks.shape
    if k < 2:
        raise ValueError("Friedman's test needs at least two variants")
    chi2 = 12 * blocks / (k * (k + 1)) * float((ranks.mean(axis=0) ** 2).sum() - k * (k + 1) ** 2 / 4)
    untied = 12 * float(((ranks - (k + 1) / 2) ** 2).sum()) / (blocks * k * (k * k - 1))
    if correct_ties:
        chi2 = chi2 / untied if untied > 0 else np.nan
    maximum = blocks * (k - 1)
    df2 = (k - 1) * (blocks - 1)
    f = np.nan
    if blocks > 1 and not np.isnan(chi2):
        f = np.nan if chi2 >= maximum * (1 - 1e-12) else (blocks - 1) * chi2 / (maximum - chi2)
    return Friedman(
        chi2=chi2,
        df=k - 1,
        p_chi2=float(stats.chi2.sf(chi2, k - 1)) if not np.isnan(chi2) else np.nan,
        f=f,
        df2=df2,
        p_f=float(stats.f.sf(f, k - 1, df2)) if not np.isnan(f) else np.nan,
        p_permutation=_permutation_p(ranks, seed) if blocks > 1 and untied > 0 else np.nan,
        kendall_w=chi2 / maximum,
    )


def _permutation_p(ranks: np.ndarray, seed: int) -> float:
    """Share of permutations within blocks whose rank sums are at least as uneven; NaN above PERMUTED_UP_TO ranks."""
    if ranks.size > PERMUTED_UP_TO:
        return float("nan")
    rng = seeds.generator(seed, "bootstrap")
    shuffled = rng.permuted(np.broadcast_to(ranks, (PERMUTATIONS, *ranks.shape)), axis=2)
    unevenness = (shuffled.sum(axis=1) ** 2).sum(axis=1)
    return float((1 + (unevenness >= (ranks.sum(axis=0) ** 2).sum() - 1e-9).sum()) / (PERMUTATIONS + 1))


def critical_difference(blocks: int, k: int, alpha: float = ALPHA) -> float:
    """Smallest difference of two mean ranks that separates them (Nemenyi 1963): q sqrt(k (k + 1) / (6 blocks))."""
    return nemenyi_q(k, alpha) * float(np.sqrt(k * (k + 1) / (6 * blocks)))


@functools.lru_cache(maxsize=256)
def nemenyi_q(k: int, alpha: float = ALPHA) -> float:
    """Quantile of the Studentised range of k values with infinite degrees of freedom, divided by sqrt(2)."""
    return float(stats.studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2))


def cliques(mean_ranks: np.ndarray, difference: float) -> list[list[int]]:
    """Maximal groups of two or more variants whose mean ranks span less than `difference`: positions, best first."""
    order = np.argsort(mean_ranks, kind="stable")
    ordered = mean_ranks[order]
    groups: list[list[int]] = []
    last = 0
    for first in range(len(order)):
        end = int(np.searchsorted(ordered, ordered[first] + difference, side="left"))
        if end - first > 1 and end > last:
            groups.append([int(i) for i in order[first:end]])
            last = end
    return groups
