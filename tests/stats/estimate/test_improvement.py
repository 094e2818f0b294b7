"""The probability of improvement is the Mann-Whitney statistic divided by the number of pairs.

Its interval has a positive width even if all pairs agree.
"""

import numpy as np
import pytest
from scipy import stats

from gan_bench.stats.estimate.improvement import improvement_interval, probability_of_improvement
from gan_bench.stats.estimate.intervals import wilson_interval


def test_by_hand_with_ties_and_failures() -> None:
    """Of the four pairs of (1, 3) and (2, 3), two are won (1 < 2, 1 < 3) and one is tied, which counts half.

    A failed run (inf) loses against any number.
    """
    assert probability_of_improvement(np.array([1.0, 3.0]), np.array([2.0, 3.0])) == 2.5 / 4
    assert probability_of_improvement(np.array([1.0, np.inf]), np.array([9.0, np.inf])) == (1 + 1 + 0 + 0.5) / 4


def test_is_the_mann_whitney_statistic() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 12).astype(float), rng.integers(0, 9, 7).astype(float)
    assert probability_of_improvement(a, b) == pytest.approx(stats.mannwhitneyu(b, a).statistic / 84)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_for_one_run_each_it_is_wilsons(share: float) -> None:
    found = improvement_interval(np.array(share), np.array(1), np.array(1), 0.95)
    z2 = stats.norm.ppf(0.975) ** 2
    centre, half = (share + z2 / 2) / (1 + z2), np.sqrt(z2 * share * (1 - share) + z2**2 / 4) / (1 + z2)
    assert found == pytest.approx((centre - half, centre + half), abs=1e-9)
    if share != 0.5:
        assert found == pytest.approx(wilson_interval(int(share), 1), abs=1e-9)


def test_solves_its_equation() -> None:
    low, high = improvement_interval(np.array(0.8), np.array(4), np.array(6), 0.95)
    for p in (low, high):
        variance = p * (1 - p) * (1 + 4 * ((1 - p) / (2 - p) + p / (1 + p))) / 24
        assert abs(0.8 - p) == pytest.approx(1.959964 * np.sqrt(variance), abs=1e-6)


def test_turns_over_with_the_sides() -> None:
    low, high = improvement_interval(np.array(0.9), np.array(5), np.array(5), 0.95)
    assert improvement_interval(np.array(0.1), np.array(5), np.array(5), 0.95) == pytest.approx((1 - high, 1 - low))


def test_all_pairs_won_at_three_seeds_is_no_certainty() -> None:
    low, high = improvement_interval(np.array(1.0), np.array(3), np.array(3), 0.95)
    assert high == 1 and 0.45 < low < 0.55


def test_coverage_at_five_seeds() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((4000, 5)), rng.standard_normal((4000, 5)) + np.sqrt(2) * stats.norm.ppf(0.8)
    n = np.array(5)
    ends = improvement_interval(probability_of_improvement(a, b), n, n, 0.95)
    assert 0.94 < ((ends[:, 0] <= 0.8) & (ends[:, 1] >= 0.8)).mean() < 0.985
