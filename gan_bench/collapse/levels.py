"""Signs in the level of a trajectory.

The signs are losses that are not finite, a loss of D near zero, and D's outputs with little spread on generated images.
"""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_level, need_rows
from gan_bench.collapse.trajectory import LOSSES, Trajectory, last_stretch_start

TAIL = 0.3
MIN_ROWS = 3
ZERO_SHARE = 0.1
SPREAD = 0.3


def non_finite(trajectory: Trajectory) -> Finding:
    """Some loss is NaN or infinite."""
    bad = np.asarray(~(np.isfinite(trajectory.d_loss) & np.isfinite(trajectory.g_loss)))
    rows = slice(0, len(trajectory))
    if not bad.any():
        return Finding(False, 0.0, trajectory.span(rows), None, "both losses are finite throughout")
    first = int(np.flatnonzero(bad)[0])
    began = int(trajectory.step[first])
    until = "to the end" if bad[first:].all() else "with finite rows after it"
    says = f"a loss is not finite from step {began} {until}"
    return Finding(True, float(bad.sum()), trajectory.span(rows), began, says)


def d_loss_at_zero(trajectory: Trajectory) -> Finding:
    """Mean of D's loss over the last 30 %, as a share of its equilibrium.

    The attainable minimum of D's loss is first subtracted from the mean and from the equilibrium.
    """
    level = need_level(trajectory)
    tail = trajectory.last(TAIL)
    need_rows(trajectory, tail, MIN_ROWS)
    share = trajectory.d_share(float(trajectory.d_loss[tail].mean()))
    start, end = trajectory.span(tail)
    least = f", both above its attainable minimum {trajectory.floor:.3g}," if trajectory.floor else ""
    says = f"D loss at {share:.0%} of its equilibrium {level:.3g}{least} over steps {start}-{end}"
    fired = share < ZERO_SHARE
    began = _began_step(trajectory, trajectory.d_loss < trajectory.d_loss_at(ZERO_SHARE), tail) if fired else None
    return Finding(fired, share, (start, end), began, says)


def spread_ratio(trajectory: Trajectory) -> Finding:
    """Ratio of the sds of D's raw outputs on generated and on real images; each sd is a mean over the last 30 %."""
    if not {"lg_real_sd", "lg_fake_sd"} <= set(trajectory.columns):
        raise NotApplicableError("columns lg_real_sd and lg_fake_sd are missing")
    tail = trajectory.last(TAIL)
    need_rows(trajectory, tail, MIN_ROWS)
    real, fake = trajectory.columns["lg_real_sd"], trajectory.columns["lg_fake_sd"]
    if not np.isfinite([real[tail], fake[tail]]).all() or real[tail].mean() <= 0:
        raise NotApplicableError("the spread of D's outputs is not a positive finite number in the window")
    ratio = float(fake[tail].mean() / real[tail].mean())
    start, end = trajectory.span(tail)
    says = f"D's outputs spread {ratio:.2g} times as much on fakes as on real images over steps {start}-{end}"
    fired = ratio < SPREAD
    began = _began_step(trajectory, fake < SPREAD * real, tail) if fired else None
    return Finding(fired, ratio, (start, end), began, says)


def _began_step(trajectory: Trajectory, holds: np.ndarray, tail: slice) -> int:
    """Step from which a condition holds until the end; the start of the window if it does not hold in the last row."""
    row = last_stretch_start(holds)
    return int(trajectory.step[row if holds[-1] else tail.start])


NON_FINITE = Sign(
    name="non_finite",
    signals=LOSSES,
    measure="log rows in which a loss is not finite",
    comparison="above",
    threshold=0.0,
    target="diverged",
    supports="diverged",
    source="by definition",
    test=non_finite,
)

D_LOSS_AT_ZERO = Sign(
    name="d_loss_at_zero",
    signals=("d_loss",),
    measure="mean D loss over the last 30 %, share of the loss's equilibrium",
    comparison="below",
    threshold=ZERO_SHARE,
    target="failure",
    supports="d_overpowering",
    source="soumith/ganhacks, item 10: 'D loss goes to 0: failure mode'",
    test=d_loss_at_zero,
)

SPREAD_RATIO = Sign(
    name="spread_ratio",
    signals=("lg_fake_sd", "lg_real_sd"),
    measure="sd of D's outputs on fakes over sd on real images, in the last 30 %",
    comparison="below",
    threshold=SPREAD,
    target="collapse",
    supports="collapse_suspected",
    source="corpus of 508 small runs: there, the strongest sign that needs no samples; compare the diversity of "
    "D's features in De Meulemeester et al. 2020, arXiv 2006.09096",
    test=spread_ratio,
)
