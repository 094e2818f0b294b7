"""Friedman's test for differences between variants over blocks, and Nemenyi's critical difference of mean ranks.

Demsar 2006, J. Mach. Learn. Res. 7:1-30, section 3.2. A block is a seed or a data set; the variants are ranked within
each block. The p value comes from a permutation test: the observed ranks, ties included, are permuted within each
block. p is exact if at most ENUMERATED arrangements have to be enumerated and the rank sums of all variants fit
together into one 64-bit number. Otherwise the number of ranks (blocks times variants) decides. Up to DRAWN_UP_TO ranks,
p is estimated from DRAWS random permutations. With more ranks, p comes from the F distribution, or from the chi2
distribution if F is undefined.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.resample import SEED

ALPHA = 0.05
#: Largest number of arrangements that are enumerated for an exact p. Blocks are added one by one. Each arrangement of a
#: new block is combined with each distinct set of rank sums of the blocks before it. Without ties, the limit allows up
#: to 9 variants in 2 blocks, 6 in 3, 5 in 8, 4 in 22, 3 in 99, and 2 in hundreds.
ENUMERATED = 1_000_000
#: DRAWS: number of random permutations for a Monte Carlo p. DRAWN_UP_TO: largest number of ranks with such a p.
DRAWS = 9_999
DRAWN_UP_TO = 2_000


@dataclass(frozen=True)
class Friedman:
    """Friedman's statistic as chi2 and as F, with p values and Kendall's W.

    If all variants tie in every block, `p` is NaN; with `correct_ties`, chi2, F and W are NaN too. For a single block,
    F and `p` are NaN. If all blocks have the same order of variants, F is NaN.

    Attributes:
        p: the p value on which decisions are based.
        p_method: "exact", "Monte Carlo", "F" or "chi2"; "" if p is NaN.
        p_is_bound: True if the rank sums of every random permutation were less uneven than those of the data. The exact
            p value is then at most about `p`.
    """

    chi2: float
    df: int
    p_chi2: float
    f: float
    df2: int
    p_f: float
    p: float
    p_method: str
    p_is_bound: bool
    kendall_w: float


def friedman(ranks: np.ndarray, *, correct_ties: bool = True, seed: int = SEED) -> Friedman:
    """Friedman's test. `ranks` (blocks, variants): from 1, the best in the block; ties have their average rank.

    chi2 is Friedman's statistic (1937); with `correct_ties` it is divided by the usual correction for ties (Demsar does
    not divide). F is the statistic of Iman and Davenport 1980, W is Kendall's W.

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
    p_chi2 = float(stats.chi2.sf(chi2, k - 1)) if not np.isnan(chi2) else np.nan
    p_f = float(stats.f.sf(f, k - 1, df2)) if not np.isnan(f) else np.nan
    p, method, bound = (np.nan, "", False) if blocks < 2 or untied <= 0 else permutation_p(ranks, seed)
    if method == "" and blocks > 1 and untied > 0:
        p, method = (p_chi2, "chi2") if np.isnan(p_f) else (p_f, "F")
    return Friedman(chi2, k - 1, p_chi2, f, df2, p_f, p, method, bound, kendall_w=chi2 / maximum)


def permutation_p(ranks: np.ndarray, seed: int) -> tuple[float, str, bool]:
    """(p, method, whether p is only a bound) of a permutation test. The statistic is the sum of the squared rank sums.

    p is the probability of a statistic at least as large as the observed one. If there is no exact p and there are more
    than DRAWN_UP_TO ranks, p is NaN and the method is "".
    """
    doubled = np.rint(2 * ranks).astype(np.int64)
    unevenness = int((doubled.sum(axis=0) ** 2).sum())
    law = exact_law(tuple(sorted(tuple(sorted(row)) for row in doubled.tolist())))
    if law is not None:
        values, probability = law
        return min(1.0, float(probability[values >= unevenness].sum())), "exact", False
    if ranks.size > DRAWN_UP_TO:
        return float("nan"), "", False
    rng = seeds.generator(seed, "bootstrap")
    sums = np.zeros((DRAWS, ranks.shape[1]), dtype=np.int64)
    for row in doubled:
        sums += rng.permuted(np.broadcast_to(row, sums.shape), axis=1)
    as_uneven = int(((sums**2).sum(axis=1) >= unevenness).sum())
    return (1 + as_uneven) / (DRAWS + 1), "Monte Carlo", as_uneven == 0


@functools.lru_cache(maxsize=256)
def exact_law(blocks: tuple[tuple[int, ...], ...]) -> tuple[np.ndarray, np.ndarray] | None:
    """Values and probabilities of the sum of squared rank sums under permutation within blocks.

    None if there are more than ENUMERATED arrangements, or if the rank sums of all variants do not fit together into
    one 64-bit number.

    `blocks`: the doubled ranks of each block, ascending; doubled average ranks of ties are whole numbers. The statistic
    does not depend on the order of the variants. Therefore the rank sums are kept sorted, and the first block is not
    permuted.
    """
    k = len(blocks[0])
    base = 1 + sum(block[-1] for block in blocks)
    if base**k >= 2**63:
        return None
    digits = base ** np.arange(k, dtype=np.int64)
    sums = np.array(blocks[:1], dtype=np.int64)
    probability: np.ndarray = np.ones(1)
    work = 0
    for block in blocks[1:]:
        count = math.factorial(k) // math.prod(math.factorial(block.count(rank)) for rank in set(block))
        work += len(sums) * count
        if work > ENUMERATED:
            return None
        extended = np.sort((sums[:, None] + arrangements(block)).reshape(-1, k), axis=1)
        _, first, state = np.unique(extended @ digits, return_index=True, return_inverse=True)
        sums, probability = extended[first], np.bincount(state.ravel(), np.repeat(probability / count, count))
    return (sums**2).sum(axis=1), probability


@functools.lru_cache(maxsize=2_000)
def arrangements(values: tuple[int, ...]) -> np.ndarray:
    """All distinct orders (orders, n) of ascending values."""
    if len(values) == 1:
        return np.array([values])
    parts = []
    for i, value in enumerate(values):
        if i == 0 or value != values[i - 1]:
            rest = arrangements(values[:i] + values[i + 1 :])
            parts.append(np.column_stack([np.full(len(rest), value), rest]))
    return np.concatenate(parts)


def critical_difference(blocks: int, k: int, alpha: float = ALPHA) -> float:
    """Smallest difference that separates two of k mean ranks (Nemenyi 1963): q sqrt(k (k + 1) / (6 blocks))."""
    return nemenyi_q(k, alpha) * float(np.sqrt(k * (k + 1) / (6 * blocks)))


@functools.lru_cache(maxsize=256)
def nemenyi_q(k: int, alpha: float = ALPHA) -> float:
    """The 1 - `alpha` quantile of the Studentised range of k values with infinite df, divided by sqrt(2)."""
    return float(stats.studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2))


def cliques(mean_ranks: np.ndarray, difference: float) -> list[list[int]]:
    """Maximal groups of at least two variants whose mean ranks span less than `difference`.

    A group is a list of positions, best first.
    """
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
