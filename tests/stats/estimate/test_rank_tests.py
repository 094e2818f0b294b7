"""Exact rank tests agree with published examples, with all arrangements, and with SciPy."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from gan_bench.stats.estimate.rank_tests import rank_sum, signed_rank, smallest_p

#: Demsar 2006, table 2: AUC of C4.5 and C4.5+m on 14 data sets.
C45 = [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957]
C45M = [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978]
#: Hollander and Wolfe, table 3.1: depression scale of nine patients before and after.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_demsars_wilcoxon_example() -> None:
    """T = min(93, 12) = 12 is below 21, the critical value for 14 data sets at .05, so the hypothesis is rejected.

    The ranks of the two zero differences are split evenly between both sums.
    """
    differences = np.round(np.subtract(C45M, C45), 3)
    smaller, p, sign = signed_rank(differences[None])
    assert smaller[0] == 12 and p[0] < 0.05 and sign[0] == 1


def test_hollander_and_wolfes_depression_data() -> None:
    """V = 40 and the one-sided p is 0.01953, as in textbooks. The smaller sum of ranks is 5 of 45."""
    smaller, p, sign = signed_rank(np.subtract(BEFORE, AFTER)[None])
    assert smaller[0] == 5 and sign[0] == 1
    assert p[0] == pytest.approx(2 * 10 / 512)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_signed_rank_counts_every_sign_with_ties_and_zeros(n: int) -> None:
    d = np.random.default_rng(n).integers(-3, 4, n).astype(float)
    ranks = np.where(d == 0, 0, stats.rankdata(np.abs(d)))
    sums = [sum(r for r, s in zip(ranks, signs, strict=True) if s) for signs in product((0, 1), repeat=n)]
    positive = ranks[d > 0].sum()
    tail = min(np.mean(np.array(sums) <= positive), np.mean(np.array(sums) >= positive))
    assert signed_rank(d[None])[1][0] == pytest.approx(min(1, 2 * tail))


def test_signed_rank_is_scipys_without_ties() -> None:
    d = np.random.default_rng(5).normal(0.4, 1, (6, 11))
    ours = signed_rank(d)[1]
    assert ours == pytest.approx([stats.wilcoxon(row, method="exact").pvalue for row in d])


def test_signed_rank_of_many_is_the_normal_law() -> None:
    d = np.random.default_rng(5).normal(0.2, 1, (3, 100))
    theirs = [stats.wilcoxon(row, method="approx", correction=True).pvalue for row in d]
    assert signed_rank(d)[1] == pytest.approx(theirs, rel=1e-6)


def test_a_failure_is_beyond_every_difference() -> None:
    """The ranks of (inf, inf, 1, -2) are 3.5, 3.5, 1 and 2: inf counts as a number larger than all others."""
    assert signed_rank(np.array([[np.inf, np.inf, 1.0, -2.0]]))[1] == signed_rank(np.array([[9.0, 9.0, 1.0, -2.0]]))[1]


def test_rank_sum_counts_every_arrangement_with_ties() -> None:
    rng = np.random.default_rng(2)
    for n, m in ((1, 1), (3, 3), (4, 5)):
        values = rng.integers(0, 5, n + m).astype(float)
        ranks = stats.rankdata(values)
        sums = np.array([ranks[list(chosen)].sum() for chosen in combinations(range(n + m), n)])
        mine = ranks[:n].sum()
        tail = min((sums <= mine).mean(), (sums >= mine).mean())
        assert rank_sum(values[:n], values[n:]) == pytest.approx(min(1, 2 * tail))


def test_rank_sum_is_scipys() -> None:
    """Table 4.1 of Hollander and Wolfe has W = 35 and a one-sided p of 0.1272.

    For many values, p equals SciPy's normal approximation.
    """
    x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    y = [1.15, 0.88, 0.90, 0.74, 1.21]
    assert rank_sum(np.array(x), np.array(y)) == pytest.approx(2 * 0.1272, abs=2e-4)
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 20, 50).astype(float), rng.integers(2, 22, 40).astype(float)
    assert rank_sum(a, b) == pytest.approx(stats.mannwhitneyu(a, b, method="asymptotic").pvalue, rel=1e-6)


def test_the_smallest_p_is_reached_and_never_gone_below() -> None:
    for n in (1, 2, 3, 6):
        assert signed_rank(np.arange(1.0, n + 1)[None])[1][0] == smallest_p(n)
        assert rank_sum(np.arange(n), np.arange(n) + 100.0) == pytest.approx(smallest_p(n, n))
    assert smallest_p(3) == 0.25 and smallest_p(5) == 0.0625 and smallest_p(6) == 0.03125 and smallest_p(3, 3) == 0.1


def test_no_difference_is_no_evidence() -> None:
    assert signed_rank(np.zeros((1, 5)))[1][0] == 1 and rank_sum(np.ones(4), np.ones(3)) == 1
    assert rank_sum(np.ones(0), np.ones(3)) == 1 and rank_sum(np.ones(50), np.ones(50)) == 1
