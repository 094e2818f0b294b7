"""Closed-form intervals of mean, interquartile mean and median agree with examples by hand and have their coverage."""

import numpy as np
import pytest
from scipy import stats

from gan_bench.stats.estimate.intervals import mean_interval, median_interval, t_interval, trimmed_t_interval


def test_t_is_the_one_of_a_single_cell() -> None:
    values = np.random.default_rng(0).standard_normal((3, 5))
    assert t_interval(values, 0.95) == pytest.approx(np.array([mean_interval(row) for row in values]))


def test_trimmed_t_by_hand() -> None:
    """Of the values 1 to 8, two are cut at each end. The mean of the others is 4.5.

    The Winsorised values are 3 3 3 4 5 6 6 6 with s^2 = 14 / 7, and t(.975, 3) = 3.18245.
    """
    half = 3.182446 * np.sqrt(2) * 2 / np.sqrt(8)
    assert trimmed_t_interval(np.arange(1.0, 9.0)[None], 0.95)[0] == pytest.approx((4.5 - half, 4.5 + half), abs=1e-5)


def test_trimmed_t_is_students_up_to_three_values() -> None:
    values = np.array([[10.0, 11.0, 12.5]])
    assert trimmed_t_interval(values, 0.95) == pytest.approx(t_interval(values, 0.95))


def test_median_by_the_binomial_table() -> None:
    """For n = 6, the interval from the lowest to the highest value covers the median in 96.9 % of samples.

    For n = 10, the second to the ninth value cover it in 97.9 %. For n = 25, the eighth to the 18th cover it in 95.7 %.
    """
    for n, k in ((6, 1), (9, 2), (10, 2), (25, 8)):
        assert median_interval(np.arange(1.0, n + 1)[None], 0.95)[0].tolist() == [k, n + 1 - k]
        assert 1 - 2 * stats.binom.cdf(k - 1, n, 0.5) >= 0.95 > 1 - 2 * stats.binom.cdf(k, n, 0.5)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_median_of_a_few_has_no_interval(n: int) -> None:
    assert np.isnan(median_interval(np.arange(float(n))[None], 0.95)).all()


def test_one_value_has_none() -> None:
    assert np.isnan(t_interval(np.ones((2, 1)), 0.95)).all()
    assert np.isnan(trimmed_t_interval(np.ones((2, 1)), 0.95)).all()


@pytest.mark.parametrize("interval", [t_interval, trimmed_t_interval])
def test_coverage_of_a_normal_mean_at_three_seeds(interval) -> None:
    values = np.random.default_rng(0).standard_normal((4000, 3))
    ends = interval(values, 0.95)
    # The tolerance is four standard errors of a share of 4000 samples.
    assert ((ends[:, 0] <= 0) & (ends[:, 1] >= 0)).mean() == pytest.approx(0.95, abs=0.014)
