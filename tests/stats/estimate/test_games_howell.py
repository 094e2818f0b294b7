"""Critical values equal the printed table of the studentised range. For two groups, the interval is Welch's."""

import numpy as np
import pytest
from scipy import stats

from gan_bench.stats.estimate.games_howell import MOST, critical_value, differences, seeds_needed, spread_interval


@pytest.mark.parametrize(
    ("groups", "df", "q"),  # Upper 5 % points from Pearson and Hartley, Biometrika Tables for Statisticians, table 29.
    [(2, 10, 3.15), (3, 10, 3.88), (5, 5, 5.67), (9, 4, 7.60), (10, 20, 5.01), (4, 120, 3.68), (3, 2, 8.33)],
)
def test_critical_values_are_those_of_the_table(groups, df, q):
    assert critical_value(groups, np.array([df]))[0] * np.sqrt(2) == pytest.approx(q, abs=0.006)


def test_broken_degrees_of_freedom():
    df = np.array([2.3, 3.7, 7.1])
    expected = [stats.studentized_range.ppf(0.95, 6, value) / np.sqrt(2) for value in df]
    assert critical_value(6, df) == pytest.approx(expected, rel=1e-3)


def test_two_groups_are_welchs_interval():
    a, b = np.array([1.0, 2.0, 4.0]), np.array([5.0, 9.0, 6.0, 7.0])
    sides = [(np.array([x.mean()]), np.array([x.var(ddof=1)]), np.array([len(x)])) for x in (a, b)]
    found = differences(*sides, 2)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    ends = found.difference[0] - found.half[0], found.difference[0] + found.half[0]
    assert ends == pytest.approx((expected.low, expected.high), rel=1e-3)


def test_seeds_needed_have_the_power_that_is_promised():
    """For two variants, the rule for the number of seeds is that of the t test.

    17 seeds per variant detect a difference of one standard deviation with a power of 80 % (Cohen 1988, table 2.4.1).
    """
    assert seeds_needed(np.array([1.0, -1.0, 0.5, np.nan, 99.0, 0.0]), 2).tolist()[:3] == [17, 17, 64]
    assert seeds_needed(np.array([99.0, 0.0]), 9).tolist() == [3, MOST]
    assert np.isnan(seeds_needed(np.array([np.nan]), 2)[0])
    assert seeds_needed(np.array([1.0]), 9)[0] > 17


def test_the_interval_of_a_spread():
    low, high = spread_interval(np.array([1.0]), np.array([4.0]))
    assert (low[0], high[0]) == pytest.approx((np.sqrt(4 / 11.1433), np.sqrt(4 / 0.484419)), rel=1e-4)
