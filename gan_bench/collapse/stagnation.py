"""Signs that the generator no longer changes: flat losses, a vanishing gradient."""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_rows
from gan_bench.collapse.trajectory import LOSSES, Array, Trajectory, last_stretch_start

TAIL = 0.3
MIN_ROWS = 3
#: Both thresholds were chosen on the corpus on which the rates of the two signs are measured.
FLAT = 0.003
GRADIENT = 0.01

_VANISHING = "vanishing generator gradients: Arjovsky & Bottou 2017, arXiv 1701.04862, section 2; threshold set on the "
_SOURCE = _VANISHING + "corpus of 508 small runs"


def flat_losses(trajectory: Trajectory) -> Finding:
    """Interquartile range of a loss over the last 30 %, divided by the range of this loss over the whole run.

    This quotient is computed for each of the two losses, and the larger quotient counts.
    """
    tail = trajectory.last(TAIL)
    need_rows(trajectory, tail, MIN_ROWS)
    share = max(_flatness(trajectory.columns[name], tail) for name in LOSSES)
    start, end = trajectory.span(tail)
    fired = share < FLAT
    moves = "neither loss moves by more than" if fired else "the losses still move, by up to"
    says = f"{moves} {share:.2%} of the whole range over steps {start}-{end}"
    return Finding(fired, share, (start, end), start if fired else None, says)


def _flatness(values: Array, tail: slice) -> float:
    """Interquartile range of the tail divided by the range of all values; 0 for a constant series."""
    low, high = np.quantile(values[tail], [0.25, 0.75])
    span = float(np.ptp(values))
    return float(high - low) / span if span > 0 else 0.0


def g_gradient_gone(trajectory: Trajectory) -> Finding:
    """Mean gradient norm of G over the last 30 % as a share of its maximum in the run."""
    if "gn_g" not in trajectory.columns:
        raise NotApplicableError("column gn_g is missing")
    tail = trajectory.last(TAIL)
    need_rows(trajectory, tail, MIN_ROWS)
    norm = trajectory.columns["gn_g"]
    if not np.isfinite(norm).all():
        raise NotApplicableError("column gn_g is not finite everywhere")
    top = float(norm.max())
    share = float(norm[tail].mean()) / top if top > 0 else 0.0
    start, end = trajectory.span(tail)
    fired = share < GRADIENT
    began = int(trajectory.step[last_stretch_start(norm < GRADIENT * top)]) if fired and top > 0 else start
    says = f"gradient norm of G at {share:.2%} of its largest over steps {start}-{end}"
    return Finding(fired, share, (start, end), began if fired else None, says)


FLAT_LOSSES = Sign(
    name="flat_losses",
    signals=LOSSES,
    measure="interquartile range over the last 30 % by the range of the whole run, the larger value of both losses",
    comparison="below",
    threshold=FLAT,
    target="still",
    supports="generator_stalled",
    source=_SOURCE,
    test=flat_losses,
)

G_GRADIENT_GONE = Sign(
    name="g_gradient_gone",
    signals=("gn_g",),
    measure="mean gradient norm of G over the last 30 %, as a share of its maximum in the run",
    comparison="below",
    threshold=GRADIENT,
    target="still",
    supports="generator_stalled",
    source=_SOURCE,
    test=g_gradient_gone,
)
