"""Signs of a training that stands still: flat losses, and a vanishing gradient of G."""

import numpy as np
import pytest
from trajectories import flat, steady

from gan_bench.collapse.sign import NotApplicableError
from gan_bench.collapse.stagnation import flat_losses, g_gradient_gone
from gan_bench.collapse.trajectory import make_trajectory


def test_flat_losses() -> None:
    finding = flat_losses(make_trajectory(flat(), None))
    assert finding.fired and finding.value < 1e-9 and finding.began_step == 141 * 20
    assert not flat_losses(make_trajectory(steady(), None)).fired


def test_losses_that_never_moved_are_flat() -> None:
    frame = steady().assign(d_loss=1.0, g_loss=2.0)
    assert flat_losses(make_trajectory(frame, None)).value == 0.0


def test_one_loss_that_moves_is_enough() -> None:
    frame = flat().assign(g_loss=steady()["g_loss"])
    assert not flat_losses(make_trajectory(frame, None)).fired


def test_gradient_gone_is_relative_to_the_largest() -> None:
    norm = np.where(np.arange(200) < 120, 4.0, 0.02)
    finding = g_gradient_gone(make_trajectory(steady().assign(gn_g=norm), None))
    assert finding.fired and finding.value == pytest.approx(0.005) and finding.began_step == 121 * 20
    assert not g_gradient_gone(make_trajectory(steady().assign(gn_g=0.02), None)).fired


def test_no_gradient_at_all_is_gone_too() -> None:
    finding = g_gradient_gone(make_trajectory(steady().assign(gn_g=0.0), None))
    assert finding.fired and finding.value == 0.0


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(NotApplicableError, match="missing"):
        g_gradient_gone(make_trajectory(steady(), None))
    with pytest.raises(NotApplicableError, match="not finite"):
        g_gradient_gone(make_trajectory(steady().assign(gn_g=np.nan), None))
