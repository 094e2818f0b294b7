"""Student's and Wilson's intervals agree with textbooks and closed forms."""

import math

import pytest

from gan_bench.stats.estimate.intervals import mean_interval, wilson_interval


def test_t_interval_by_hand() -> None:
    """The mean is 11, s = 1 and n = 3. The table of t has t(.975, 2) = 4.30265."""
    low, high = mean_interval([10, 11, 12])
    assert low == pytest.approx(11 - 4.30265 / math.sqrt(3), abs=1e-4)
    assert high == pytest.approx(11 + 4.30265 / math.sqrt(3), abs=1e-4)


def test_t_interval_of_two_values() -> None:
    """The standard error s / sqrt(2) of (0, 2) is 1, and t(.975, 1) = 12.7062."""
    assert mean_interval([0, 2]) == pytest.approx((1 - 12.7062, 1 + 12.7062), abs=1e-4)


def test_t_interval_of_students_sleep_data() -> None:
    """The ten differences of sleep in Student 1908 have mean 1.58 and standard deviation 1.23.

    Textbooks state the 95 % interval from .70 to 2.46.
    """
    extra = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    assert mean_interval(extra) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_level_widens() -> None:
    low, high = mean_interval([1, 2, 3], level=0.99)
    assert high - low == pytest.approx(2 * 9.92484 / math.sqrt(3), abs=1e-4)


@pytest.mark.parametrize("values", [[], [3.0]])
def test_no_interval_without_spread(values: list[float]) -> None:
    assert mean_interval(values) is None


def test_a_value_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        mean_interval([1.0, math.nan])


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_against_published_values(hits: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(hits, n) == pytest.approx(expected, abs=5e-5)


def test_wilson_closed_form_and_symmetry() -> None:
    z2 = 1.959963984540054**2
    # if all n are hits, the lower end is n / (n + z^2)
    assert wilson_interval(23, 23)[0] == pytest.approx(23 / (23 + z2))
    low, high = wilson_interval(7, 20)
    assert wilson_interval(13, 20) == pytest.approx((1 - high, 1 - low))


def test_wilson_edges() -> None:
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="3 hits of 2"):
        wilson_interval(3, 2)
