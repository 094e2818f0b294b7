"""The expected best of a search is a mean over subsets of trials. The importance of a setting is checked by hand."""

from itertools import combinations

import numpy as np
import pytest

from gan_bench.stats.estimate.search import expected_best, expected_best_interval, groups_of, rank_share
from gan_bench.stats.tables.search_tables import expected_none

BADNESS = np.array([3.0, 1.0, 4.0, 1.5, np.inf, 9.0, np.inf])


@pytest.mark.parametrize("budget", range(1, 8))
def test_expected_best_is_the_mean_over_all_subsets_with_a_score(budget):
    """The estimate of Dodge et al. 2019, for draws without replacement, is the mean of the best scores of subsets.

    The mean is over all subsets of `budget` trials in which at least one trial has a score.
    """
    best = np.array([min(subset) for subset in combinations(BADNESS, budget)])
    expected = best[np.isfinite(best)].mean()
    assert expected_best(BADNESS, np.array([budget]))[0] == pytest.approx(expected, rel=1e-12)
    assert expected_none(7, 2, budget) == pytest.approx(np.isinf(best).mean(), rel=1e-12)


def test_ends_of_the_curve_and_their_intervals():
    budgets = np.arange(1, 6)
    scores = np.array([5.0, 2.0, 8.0, 3.0, 7.0])
    curve, (low, high) = expected_best(scores, budgets), expected_best_interval(scores, budgets)
    assert curve[0] == pytest.approx(5.0) and curve[-1] == 2.0
    assert (np.diff(curve) < 0).all() and (low <= curve).all() and (curve <= high).all()
    np.testing.assert_array_equal(expected_best_interval(scores, budgets), (low, high))
    assert np.isnan(expected_best_interval(scores[:1], budgets[:1])).all()
    assert np.isnan(expected_best(np.full(3, np.inf), budgets[:3])).all()


def test_rank_share_by_hand():
    """If one group has the ranks 1 to 3 and the other 4 to 6, Kruskal and Wallis's H is 3.857.

    The formula is H = 12 / (n (n + 1)) sum(R^2 / n_i) - 3 (n + 1).
    """
    share, chance, p = rank_share(np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.inf]), np.array([0, 0, 0, 1, 1, 1]))
    assert share == pytest.approx(12 / 42 * (36 / 3 + 225 / 3) / 5 - 21 / 5)
    assert chance == pytest.approx(1 / 5) and p == pytest.approx(0.0495, abs=1e-3)
    assert rank_share(np.ones(6), np.array([0, 0, 0, 1, 1, 1])) is None
    assert rank_share(np.arange(4.0), np.array([0, 0, 1, 1])) is None


def test_numbers_are_cut_into_four_groups_and_choices_are_not():
    assert np.bincount(groups_of([float(i) for i in range(8)], number=True)).tolist() == [2, 2, 2, 2]
    assert groups_of([1, 5, 1], number=True).tolist() == [0, 1, 0]
    assert groups_of(["b", "a", "b"], number=False).tolist() == [1, 0, 1]
