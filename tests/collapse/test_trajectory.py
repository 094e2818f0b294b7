"""Averaging of rows, equilibrium levels, and the two trend statistics."""

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr
from trajectories import HINGE, NON_SATURATING, WASSERSTEIN, history, noise, steady

from gan_bench.collapse.trajectory import MAX_ROWS, increments_correlation, kendall, last_stretch_start, make_trajectory


def test_a_long_log_becomes_means_of_blocks() -> None:
    frame = history(np.arange(1000.0), np.arange(1000.0))
    trajectory = make_trajectory(frame, None)
    assert len(trajectory) == MAX_ROWS
    assert trajectory.d_loss[:2].tolist() == [2.0, 7.0]  # means of 0..4 and 5..9
    assert trajectory.step[0] == 100 and trajectory.step[-1] == frame["step"].iloc[-1]


def test_a_short_log_stays_as_it_is() -> None:
    frame = steady(rows=37)
    assert make_trajectory(frame, None).d_loss.tolist() == frame["d_loss"].tolist()


def test_a_block_with_a_value_that_is_not_finite_is_not_finite() -> None:
    frame = history(np.ones(1000), np.ones(1000))
    frame.loc[503, "d_loss"] = np.inf
    assert np.flatnonzero(~np.isfinite(make_trajectory(frame, None).d_loss)).tolist() == [100]


def test_the_mean_of_all_rows_is_kept_when_blocks_are_even() -> None:
    values = noise(600, 1.0, 5)
    assert make_trajectory(history(values, values), None).d_loss.mean() == pytest.approx(values.mean())


@pytest.mark.parametrize("loss", [None, WASSERSTEIN, {"family": "odd", "equilibrium": {"d_loss": -1.0}}])
def test_no_level_is_said_with_a_reason(loss: dict | None) -> None:
    trajectory = make_trajectory(steady(), loss)
    assert trajectory.level is None and trajectory.level_reason.startswith("no equilibrium")


def test_a_negative_d_loss_contradicts_a_loss_with_a_level() -> None:
    trajectory = make_trajectory(steady(-1.0), HINGE)
    assert trajectory.level is None and "negative" in trajectory.level_reason
    assert make_trajectory(steady(), HINGE).level == 2.0


def test_family_is_that_of_the_loss() -> None:
    assert make_trajectory(steady(), NON_SATURATING).family == "non_saturating"
    assert make_trajectory(steady(), None).family == "unknown"


@pytest.mark.parametrize("seed", range(5))
def test_kendall_equals_scipy_without_ties(seed: int) -> None:
    values = noise(41, 1.0, seed) + np.linspace(0, seed, 41)
    assert kendall(values) == pytest.approx(kendalltau(np.arange(41), values).statistic)


def test_kendall_by_hand() -> None:
    assert kendall(np.array([1.0, 2.0, 3.0])) == 1.0
    assert kendall(np.array([3.0, 2.0, 1.0])) == -1.0
    assert kendall(np.array([1.0, 3.0, 2.0])) == pytest.approx(1 / 3)  # of three pairs, two rise and one falls
    assert kendall(np.ones(9)) == 0.0


def test_increments_correlation_is_pearson_of_differences() -> None:
    a, b = noise(50, 1.0, 1), noise(50, 1.0, 2)
    assert increments_correlation(a, b) == pytest.approx(pearsonr(np.diff(a), np.diff(b)).statistic)
    assert increments_correlation(a, -3 * a) == pytest.approx(-1.0)
    assert increments_correlation(a, np.arange(50.0)) == 0.0
    assert increments_correlation(1e250 * a, -a) == pytest.approx(-1.0)


def test_the_last_stretch_starts_after_the_last_false() -> None:
    assert last_stretch_start(np.array([True, False, True, True])) == 2
    assert last_stretch_start(np.array([True, True])) == 0
    assert last_stretch_start(np.array([True, False])) == 1
