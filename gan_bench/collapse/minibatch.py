"""Signs in what a minibatch of samples looks like: too close together, or told apart while D cannot."""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_rows
from gan_bench.collapse.trajectory import Array, Track, holding_since

TAIL = 0.3
LEAST_ROWS = 3
PAIR, LOW = 0.6, 0.05
CHANCE, NEAR = 0.6, 0.3


def pair_ratio(track: Track) -> Finding:
    """5 % quantile over the last 30 % of the mean pairwise distance of generated images by that of real ones."""
    ratio, tail = _tail(track, "div_pair")
    value = float(np.quantile(ratio[tail], LOW))
    start, end = track.span(tail)
    fired = value < PAIR
    began = int(track.step[holding_since(ratio < PAIR)]) if fired and ratio[-1] < PAIR else start
    says = (
        f"generated images of a minibatch are {value:.0%} as far apart as real ones at times over steps {start}-{end}"
    )
    return Finding(fired, value, (start, end), began if fired else None, says)


def blind_discriminator(track: Track) -> Finding:
    """Share of real images with a generated one nearby, where D tells both apart no better than 60 : 40."""
    accuracy, tail = _tail(track, "d_acc")
    covered, _ = _tail(track, "cov_batch")
    right, near = float(accuracy[tail].mean()), float(np.median(covered[tail]))
    start, end = track.span(tail)
    fired = right <= CHANCE and near < NEAR
    says = (
        f"D is right on {right:.0%} of images, but only {near:.0%} of real images have a generated one nearby, "
        f"steps {start}-{end}"
    )
    return Finding(fired, near if right <= CHANCE else None, (start, end), start if fired else None, says)


def _tail(track: Track, name: str) -> tuple[Array, slice]:
    if name not in track.columns:
        raise NotApplicableError(f"column {name} is missing")
    tail = track.last(TAIL)
    need_rows(track, tail, LEAST_ROWS)
    values = track.columns[name]
    if not np.isfinite(values[tail]).all():
        raise NotApplicableError(f"column {name} is not finite in the window")
    return values, tail


PAIR_RATIO = Sign(
    name="pair_ratio",
    signals=("div_pair",),
    measure="mean pairwise distance in a minibatch of samples by that of real images, 5 % quantile of the last 30 %",
    comparison="below",
    threshold=PAIR,
    target="collapse",
    supports="collapse_suspected",
    source="Salimans et al. 2016, arXiv 1606.03498, section 3.2: a collapsed generator's samples are close to each "
    "other within a minibatch; threshold of the corpus of 508 small runs",
    test=pair_ratio,
)

BLIND_DISCRIMINATOR = Sign(
    name="blind_discriminator",
    signals=("d_acc", "cov_batch"),
    measure="share of a real minibatch with a sample within its fifth-nearest distance, D's accuracy being .6 or less",
    comparison="below",
    threshold=NEAR,
    target="blind",
    supports="collapse_suspected",
    source="corpus of 508 small runs: D at chance is what a converged run shows too, so samples must be told apart by "
    "their neighbours; compare Lopez-Paz & Oquab 2017, arXiv 1610.06545",
    test=blind_discriminator,
)
