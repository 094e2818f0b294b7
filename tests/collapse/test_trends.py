"""Signs of a collapse in the trends of the losses.

scissors          D's loss falls while G's loss rises
g_loss_falling    G's loss falls
opposing_in_band  when one loss rises, the other falls, but neither has a trend
"""

import pytest
from trajectories import NON_SATURATING, WASSERSTEIN, WITH_LEVEL, g_falling, opposing, scissors, steady

from gan_bench.collapse import trends
from gan_bench.collapse.sign import NotApplicableError
from gan_bench.collapse.trajectory import make_trajectory


@pytest.mark.parametrize("loss", WITH_LEVEL, ids=lambda loss: loss["family"])
def test_scissors_in_every_family_with_a_level(loss: dict) -> None:
    level = loss["equilibrium"]["d_loss"]
    finding = trends.scissors(make_trajectory(scissors(level), loss))
    assert finding.fired and finding.value > trends.TAU
    # D's loss falls linearly, and reaches 60 % of its level after half of training. The alarm then needs two checks,
    # 5 % of training apart.
    assert 0.5 < finding.window[1] / 4000 <= 0.65
    assert finding.began_step == finding.window[0]


def test_scissors_above_60_per_cent_of_the_level_stay_silent() -> None:
    frame = scissors(NON_SATURATING["equilibrium"]["d_loss"])
    frame["d_loss"] += 0.7 * NON_SATURATING["equilibrium"]["d_loss"]
    assert not trends.scissors(make_trajectory(frame, NON_SATURATING)).fired


def test_the_same_trend_the_other_way_round_stays_silent() -> None:
    frame = scissors(1.0)
    frame["d_loss"], frame["g_loss"] = frame["g_loss"].copy(), frame["d_loss"].copy()
    assert not trends.scissors_without_level(make_trajectory(frame, None)).fired


def test_negative_wasserstein_losses_are_followed_without_a_level() -> None:
    trajectory = make_trajectory(scissors(1.0, shift=3.0), WASSERSTEIN)
    assert trends.scissors_without_level(trajectory).fired
    with pytest.raises(NotApplicableError, match="no equilibrium"):
        trends.scissors(trajectory)


def test_no_trend_no_scissors() -> None:
    trajectory = make_trajectory(steady(), NON_SATURATING)
    assert not trends.scissors(trajectory).fired


def test_scissors_are_causal() -> None:
    """Rows after the alarm cannot change the alarm."""
    frame = scissors(1.0)
    late = frame.copy()
    late.loc[160:, "d_loss"] = 5.0
    alarms = [trends.scissors_without_level(make_trajectory(f, None)).window for f in (frame, late)]
    assert alarms[0] == alarms[1]


def test_g_loss_falling() -> None:
    finding = trends.g_loss_falling(make_trajectory(g_falling(), NON_SATURATING))
    assert finding.fired and finding.value < -trends.TAU and finding.began_step == 101 * 20
    assert not trends.g_loss_falling(make_trajectory(steady(), NON_SATURATING)).fired


def test_opposing_needs_a_band() -> None:
    assert trends.opposing_in_band(make_trajectory(opposing(), NON_SATURATING)).fired
    assert not trends.opposing_in_band(make_trajectory(steady(), NON_SATURATING)).fired
    drifting = opposing()
    drifting["d_loss"] -= 0.02 * drifting.index.to_numpy()
    assert not trends.opposing_in_band(make_trajectory(drifting, None)).fired


@pytest.mark.parametrize("rule", [trends.scissors_without_level, trends.g_loss_falling, trends.opposing_in_band])
def test_too_few_rows_are_said(rule) -> None:
    with pytest.raises(NotApplicableError, match="too few rows"):
        rule(make_trajectory(scissors(1.0, rows=12), None))
