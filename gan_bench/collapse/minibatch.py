"""Signs in statistics of minibatches.

`pair_ratio` fires if samples are too similar. `blind_discriminator` fires if few real images have a sample near them
although D's accuracy is near chance.
"""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_rows
from gan_bench.collapse.trajectory import Array, Trajectory, last_stretch_start

TAIL = 0.3
MIN_ROWS = 3
MIN_RATIO, QUANTILE = 0.6, 0.05
CHANCE, MIN_COVERED = 0.6, 0.3


def pair_ratio(trajectory: Trajectory) -> Finding:
    """Mean pairwise distance of generated images, divided by that of real images.

    The value is the 5 % quantile of this ratio over the last 30 % of the rows.
    """
    ratio, tail = _tail(trajectory, "div_pair")
    value = float(np.quantile(ratio[tail], QUANTILE))
    start, end = trajectory.span(tail)
    fired = value < MIN_RATIO
    began = int(trajectory.step[last_stretch_start(ratio < MIN_RATIO)]) if fired and ratio[-1] < MIN_RATIO else start
    says = (
        f"the mean distance of two samples in a minibatch falls to {value:.0%} of the real one over steps {start}-{end}"
    )
    return Finding(fired, value, (start, end), began if fired else None, says)


def blind_discriminator(trajectory: Trajectory) -> Finding:
    """Share of real images that have a generated image near them: median over the last 30 % of the rows.

    The sign fires only if D's mean accuracy over these rows is at most 60 %.
    """
    accuracy, tail = _tail(trajectory, "d_acc")
    covered, _ = _tail(trajectory, "cov_batch")
    correct, covered_half = float(accuracy[tail].mean()), float(np.median(covered[tail]))
    start, end = trajectory.span(tail)
    fired = correct <= CHANCE and covered_half < MIN_COVERED
    says = (
        f"D's accuracy is {correct:.0%}, but only {covered_half:.0%} of real images have a generated neighbour, "
        f"steps {start}-{end}"
    )
    return Finding(fired, covered_half if correct <= CHANCE else None, (start, end), start if fired else None, says)


def _tail(trajectory: Trajectory, name: str) -> tuple[Array, slice]:
    if name not in trajectory.columns:
        raise NotApplicableError(f"column {name} is missing")
    tail = trajectory.last(TAIL)
    need_rows(trajectory, tail, MIN_ROWS)
    values = trajectory.columns[name]
    if not np.isfinite(values[tail]).all():
        raise NotApplicableError(f"column {name} is not finite in the window")
    return values, tail


PAIR_RATIO = Sign(
    name="pair_ratio",
    signals=("div_pair",),
    measure="mean pairwise distance in a minibatch of samples over that of real images, 5 % quantile of the last 30 %",
    comparison="below",
    threshold=MIN_RATIO,
    target="collapse",
    supports="collapse_suspected",
    source="Salimans et al. 2016, arXiv 1606.03498, section 3.2: a collapsed generator's samples are close to each "
    "other within a minibatch; threshold of the corpus of 508 small runs",
    test=pair_ratio,
)

BLIND_DISCRIMINATOR = Sign(
    name="blind_discriminator",
    signals=("d_acc", "cov_batch"),
    measure="share of real images with a sample nearer than their fifth real neighbour, if D's accuracy is at most .6",
    comparison="below",
    threshold=MIN_COVERED,
    target="blind",
    supports="collapse_suspected",
    source="corpus of 508 small runs: D is at chance in a converged run too, so the neighbours of the real images must "
    "decide; compare Lopez-Paz & Oquab 2017, arXiv 1610.06545",
    test=blind_discriminator,
)
