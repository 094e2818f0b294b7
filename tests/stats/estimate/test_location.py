"""The interquartile mean is SciPy's trimmed mean. An outlier moves neither this mean nor the median."""

import numpy as np
import pytest
from scipy import stats

from gan_bench.stats.estimate.location import interquartile_mean, interquartile_range, median


def test_interquartile_mean_by_hand() -> None:
    """The middle half of 1 to 8 is 3, 4, 5, 6. Of four values the middle two remain. Of three or fewer, none is cut."""
    assert interquartile_mean(np.arange(1.0, 9.0)) == 4.5
    assert interquartile_mean(np.array([1.0, 2.0, 9.0])) == 4.0
    assert interquartile_mean(np.array([1.0, 2.0, 4.0, 99.0])) == 3.0


@pytest.mark.parametrize("n", [1, 3, 5, 7, 8, 30])
def test_interquartile_mean_is_scipys_trimmed_mean(n: int) -> None:
    values = np.random.default_rng(n).lognormal(size=(4, n))
    assert interquartile_mean(values) == pytest.approx(stats.trim_mean(values, 0.25, axis=1))


def test_an_outlier_moves_the_mean_alone() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1e9])
    assert interquartile_mean(values) == 4.5 and median(values) == 4.5 and interquartile_range(values) == 3.5
