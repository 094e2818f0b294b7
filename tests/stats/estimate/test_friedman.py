"""Friedman's test and Nemenyi's critical difference agree with Demsar's worked example and with SciPy."""

import itertools

import numpy as np
import pytest
from published_examples import DEMSAR
from scipy import stats

from gan_bench.stats.estimate.friedman import DRAWN_UP_TO, DRAWS, cliques, critical_difference, friedman, nemenyi_q


def test_demsars_example() -> None:
    """The average ranks are 3.143, 2.000, 2.893 and 1.964.

    The statistics are chi2_F = 9.28, and F_F = 3.69 with 3 and 39 degrees of freedom.
    """
    assert DEMSAR.mean(axis=0) == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=0.0005)
    test = friedman(DEMSAR, correct_ties=False)
    assert test.chi2 == pytest.approx(9.28, abs=0.005) and test.df == 3
    assert test.f == pytest.approx(3.69, abs=0.005) and test.df2 == 39
    # The critical value of F(3, 39) for .05 is 2.85.
    assert test.p_f == pytest.approx(stats.f.sf(3.69, 3, 39), abs=2e-4) and test.p_f < 0.05


def test_demsars_critical_difference() -> None:
    """For four classifiers q = 2.569 (table 5a), so CD = 2.569 sqrt(4 * 5 / (6 * 14)) = 1.25."""
    assert [nemenyi_q(k) for k in (2, 3, 4, 5, 10)] == pytest.approx([1.960, 2.343, 2.569, 2.728, 3.164], abs=0.001)
    assert nemenyi_q(4, 0.1) == pytest.approx(2.291, abs=0.001)
    assert critical_difference(14, 4) == pytest.approx(1.25, abs=0.005)


def test_demsars_example_separates_no_two() -> None:
    """The largest difference, 3.143 - 1.964 = 1.179, is below 1.25. So all four variants are in one clique.

    A clique lists its variants from best to worst.
    """
    assert cliques(DEMSAR.mean(axis=0), critical_difference(14, 4)) == [[3, 1, 2, 0]]
    # With alpha = .1, CD is 1.12. Then C4.5 differs from C4.5+m+cf and from C4.5+m.
    assert cliques(DEMSAR.mean(axis=0), critical_difference(14, 4, 0.1)) == [[3, 1, 2], [2, 0]]


def test_ties_are_corrected_as_scipy_does() -> None:
    values = np.random.default_rng(0).integers(0, 5, (8, 4)).astype(float)
    ranks = stats.rankdata(values, axis=1)
    theirs = stats.friedmanchisquare(*values.T)
    assert friedman(ranks).chi2 == pytest.approx(theirs.statistic)
    assert friedman(ranks).p_chi2 == pytest.approx(theirs.pvalue)


def test_equal_orders_have_a_kendalls_w_of_one_and_no_f() -> None:
    test = friedman(np.tile([1.0, 2.0, 3.0], (5, 1)))
    assert test.kendall_w == pytest.approx(1) and np.isnan([test.f, test.p_f]).all()
    # If one block is fixed, the other four have 6^4 arrangements. Only one is as uneven as the data.
    assert test.p == pytest.approx(1 / 6**4) and test.p_method == "exact" and not test.p_is_bound


def test_small_designs_have_the_p_of_all_arrangements() -> None:
    """Of three blocks of three variants, one can be fixed. The others have 6 * 6 = 36 arrangements.

    With a tie in one of the other two blocks, there are 6 * 3 = 18. So the smallest possible p is 1/36 or 1/18.
    """
    assert friedman(np.tile([1.0, 2.0, 3.0], (3, 1))).p == pytest.approx(1 / 36)
    tied = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.5, 1.5, 3.0]])
    assert friedman(tied).p == pytest.approx(2 / 36) and friedman(tied).p > 0.05


@pytest.mark.parametrize("seed", range(4))
def test_exact_p_is_that_of_plain_enumeration(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 4, (3, 4))
    ranks = stats.rankdata(values, axis=1)
    orders = np.array(list(itertools.permutations(range(4))))
    sums = ranks[0] + ranks[1][orders][:, None] + ranks[2][orders][None]
    uneven = (sums**2).sum(axis=-1) >= (ranks.sum(axis=0) ** 2).sum() - 1e-9
    test = friedman(ranks)
    assert test.p == pytest.approx(uneven.mean()) and test.p_method == "exact"


def test_exact_p_is_that_of_the_signed_ranks_of_two_variants() -> None:
    """For two variants, the exact test is the sign test. If one of eight signs differs, p = 2 (1 + 8) / 2^8."""
    ranks = np.tile([1.0, 2.0], (8, 1))
    ranks[0] = [2.0, 1.0]
    assert friedman(ranks).p == pytest.approx(18 / 256)


def test_a_p_of_random_permutations_is_no_smaller_than_their_number_allows() -> None:
    test = friedman(np.tile(np.arange(1.0, 10.0), (3, 1)))
    assert (test.p, test.p_method, test.p_is_bound) == (1 / (DRAWS + 1), "Monte Carlo", True)
    assert friedman(np.tile(np.arange(1.0, 10.0), (3, 1))) == test
    many = friedman(np.tile(np.arange(1.0, 11.0), (DRAWN_UP_TO // 10 + 1, 1)))
    assert many.p_method == "chi2" and many.p == many.p_chi2 and not many.p_is_bound


def test_permutations_agree_with_the_law_of_many_blocks() -> None:
    rng = np.random.default_rng(3)
    ranks = stats.rankdata(rng.normal([0, 0.3, 0.6], 1, (30, 3)), axis=1)
    test = friedman(ranks)
    assert test.p == pytest.approx(test.p_chi2, abs=0.03)


def test_all_tied_has_no_statistic() -> None:
    test = friedman(np.full((4, 3), 2.0))
    assert np.isnan([test.chi2, test.p_chi2, test.p_f, test.p]).all()


def test_one_block_is_no_test_and_one_variant_is_refused() -> None:
    assert np.isnan(friedman(np.array([[1.0, 2.0]])).p_f)
    with pytest.raises(ValueError, match="at least two variants"):
        friedman(np.ones((3, 1)))


def test_cliques_are_maximal_and_of_two_or_more() -> None:
    ranks = np.array([1.0, 1.8, 2.6, 5.0])
    assert cliques(ranks, 1.0) == [[0, 1], [1, 2]]
    assert cliques(ranks, 0.5) == [] and cliques(ranks, 9.0) == [[0, 1, 2, 3]]
    # Variants whose ranks differ by exactly the critical difference are separated.
    assert cliques(np.array([1.0, 2.0]), 1.0) == []
