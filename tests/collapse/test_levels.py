"""Signs of a collapse in the levels of signals: NaN or infinite losses, D's loss at zero, spread of D's outputs."""

import numpy as np
import pytest
from trajectories import NON_SATURATING, WASSERSTEIN, WITH_LEVEL, d_won, diverged, steady

from gan_bench.collapse.levels import d_loss_at_zero, non_finite, spread_ratio
from gan_bench.collapse.sign import NotApplicableError
from gan_bench.collapse.trajectory import make_trajectory


def test_non_finite_begins_at_the_first_such_row() -> None:
    finding = non_finite(make_trajectory(diverged(at=50), None))
    assert finding.fired and finding.began_step == 51 * 20 and finding.value == 150
    assert finding.says.endswith("to the end")


def test_infinity_that_passes_counts_and_is_said_to_pass() -> None:
    frame = steady()
    frame.loc[30, "g_loss"] = -np.inf
    finding = non_finite(make_trajectory(frame, None))
    assert finding.fired and finding.began_step == 31 * 20 and finding.says.endswith("with finite rows after it")


def test_one_row_can_diverge() -> None:
    frame = steady(rows=1)
    assert not non_finite(make_trajectory(frame, None)).fired
    frame["d_loss"] = np.nan
    assert non_finite(make_trajectory(frame, None)).began_step == 20


@pytest.mark.parametrize("loss", WITH_LEVEL, ids=lambda loss: loss["family"])
def test_d_won_is_seen_in_every_family_with_a_level(loss: dict) -> None:
    level = loss["equilibrium"]["d_loss"]
    finding = d_loss_at_zero(make_trajectory(d_won(level), loss))
    assert finding.fired and finding.value == pytest.approx(0.02, rel=0.05)
    assert finding.began_step == 67 * 20  # the first row at 2 % is row 66, counted from 0
    assert not d_loss_at_zero(make_trajectory(steady(level), loss)).fired


def test_the_threshold_is_ten_per_cent_of_the_level() -> None:
    level = NON_SATURATING["equilibrium"]["d_loss"]
    for share, fires in ((0.095, True), (0.105, False)):
        frame = steady().assign(d_loss=share * level)
        assert d_loss_at_zero(make_trajectory(frame, NON_SATURATING)).fired is fires


@pytest.mark.parametrize("loss", [None, WASSERSTEIN])
def test_a_level_rule_refuses_where_there_is_no_level(loss: dict | None) -> None:
    with pytest.raises(NotApplicableError, match="no equilibrium"):
        d_loss_at_zero(make_trajectory(d_won(1.0), loss))


def test_too_few_rows_are_said() -> None:
    with pytest.raises(NotApplicableError, match="too few rows"):
        d_loss_at_zero(make_trajectory(d_won(1.0, rows=5), NON_SATURATING))


def test_spread_ratio_is_the_ratio_of_the_means_over_the_last_30_per_cent() -> None:
    frame = steady().assign(lg_real_sd=2.0, lg_fake_sd=np.where(np.arange(200) < 100, 2.0, 0.5))
    finding = spread_ratio(make_trajectory(frame, None))
    assert finding.fired and finding.value == 0.25 and finding.began_step == 101 * 20
    assert not spread_ratio(make_trajectory(frame.assign(lg_fake_sd=0.7), None)).fired


def test_spread_ratio_says_why_it_cannot_be_asked() -> None:
    with pytest.raises(NotApplicableError, match="missing"):
        spread_ratio(make_trajectory(steady().assign(lg_real_sd=1.0), None))
    with pytest.raises(NotApplicableError, match="positive finite"):
        spread_ratio(make_trajectory(steady().assign(lg_real_sd=0.0, lg_fake_sd=1.0), None))
    with pytest.raises(NotApplicableError, match="positive finite"):
        spread_ratio(make_trajectory(steady().assign(lg_real_sd=1.0, lg_fake_sd=np.nan), None))
