"""Signs that the generator no longer moves: flat losses, a gradient that vanished."""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_rows
from gan_bench.collapse.trajectory import LOSSES, Array, Track, holding_since

TAIL = 0.3
LEAST_ROWS = 3
#: Both thresholds were chosen on the corpus that their rates are measured on.
FLAT = 0.003
GRADIENT = 0.01

_VANISHING = "vanishing generator gradients: Arjovsky & Bottou 2017, arXiv 1701.04862, section 2; threshold set on the "
_SOURCE = _VANISHING + "corpus of 508 small runs"


def flat_losses(track: Track) -> Finding:
    """Interquartile range over the last 30 % as a share of the whole run's range, the larger of both losses."""
    tail = track.last(TAIL)
    need_rows(track, tail, LEAST_ROWS)
    share = max(_flatness(track.columns[name], tail) for name in LOSSES)
    start, end = track.span(tail)
    fired = share < FLAT
    says = f"neither loss moves by more than {share:.2%} of its range over steps {start}-{end}"
    return Finding(fired, share, (start, end), start if fired else None, says)


def _flatness(values: Array, tail: slice) -> float:
    low, high = np.quantile(values[tail], [0.25, 0.75])
    span = float(np.ptp(values))
    return float(high - low) / span if span > 0 else 0.0


def g_gradient_gone(track: Track) -> Finding:
    """Mean gradient norm of G over the last 30 % as a share of its largest in the run."""
    if "gn_g" not in track.columns:
        raise NotApplicableError("column gn_g is missing")
    tail = track.last(TAIL)
    need_rows(track, tail, LEAST_ROWS)
    norm = track.columns["gn_g"]
    if not np.isfinite(norm).all():
        raise NotApplicableError("column gn_g is not finite everywhere")
    top = float(norm.max())
    share = float(norm[tail].mean()) / top if top > 0 else 0.0
    start, end = track.span(tail)
    fired = share < GRADIENT
    began = int(track.step[holding_since(norm < GRADIENT * top)]) if fired and top > 0 else start
    says = f"gradient norm of G at {share:.2%} of its largest over steps {start}-{end}"
    return Finding(fired, share, (start, end), began if fired else None, says)


FLAT_LOSSES = Sign(
    name="flat_losses",
    signals=LOSSES,
    measure="larger interquartile range of both losses over the last 30 %, share of the run's range",
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
    measure="mean gradient norm of G over the last 30 %, share of the run's largest",
    comparison="below",
    threshold=GRADIENT,
    target="still",
    supports="generator_stalled",
    source=_SOURCE,
    test=g_gradient_gone,
)
