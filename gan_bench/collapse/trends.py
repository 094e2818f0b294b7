"""Signs in the trends of a trajectory: D's loss falls while G's rises ("scissors"), G's loss falls, or the changes of
the two losses are anticorrelated.
"""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_level, need_rows
from gan_bench.collapse.trajectory import LOSSES, Trajectory, increments_correlation, kendall

#: Scissors: length and stride of the sliding window, as shares of the run, and the number of consecutive windows in
#: which the rule must hold.
WINDOW, STRIDE, CHECKS = 0.3, 0.05, 2
TAU = 0.5
D_SHARE = 0.6

HALF = 0.5
OPPOSING, BAND = -0.3, 0.3
#: Minimum rows of a window. With ten rows, tau = .5 has a two-sided p of .05. The correlation between the changes of
#: two independent noise series has a standard deviation of sqrt(1.5 / n): with fifty rows, it is below -.3 in 4 of 100
#: cases.
TREND_ROWS, OPPOSING_ROWS = 10, 50


def scissors(trajectory: Trajectory) -> Finding:
    """D's loss falls while G's rises, and D's loss is below 60 % of its equilibrium, in CHECKS consecutive windows."""
    need_level(trajectory)
    return _scissors(trajectory, trajectory.d_loss_at(D_SHARE))


def scissors_without_level(trajectory: Trajectory) -> Finding:
    """Like `scissors`, but for losses without an equilibrium. The condition on the equilibrium is left out."""
    if trajectory.level is not None:
        raise NotApplicableError("")
    return _scissors(trajectory, np.inf)


def _scissors(trajectory: Trajectory, below: float) -> Finding:
    width, stride = round(WINDOW * len(trajectory)), max(1, round(STRIDE * len(trajectory)))
    need_rows(trajectory, slice(0, width), TREND_ROWS)
    agreed, taus = 0, (0.0, 0.0)
    for end in range(width, len(trajectory) + 1, stride):
        rows = slice(end - width, end)
        taus = kendall(trajectory.d_loss[rows]), kendall(trajectory.g_loss[rows])
        holds = taus[0] < -TAU and taus[1] > TAU and trajectory.d_loss[end - stride : end].mean() < below
        agreed = agreed + 1 if holds else 0
        if agreed == CHECKS:
            return _scissors_finding(trajectory, slice(end - width - (CHECKS - 1) * stride, end), taus)
    start, stop = trajectory.span(rows)
    says = f"no window in which D loss falls and G loss climbs; at the end tau {taus[0]:+.2f} and {taus[1]:+.2f}"
    return Finding(False, min(-taus[0], taus[1]), (start, stop), None, says)


def _scissors_finding(trajectory: Trajectory, rows: slice, taus: tuple[float, float]) -> Finding:
    start, end = trajectory.span(rows)
    d_last = float(trajectory.d_loss[rows][-1])
    at = f" to {trajectory.d_share(d_last):.0%} of its equilibrium {trajectory.level:.3g}" if trajectory.level else ""
    says = f"D loss falling{at} (tau {taus[0]:+.2f}) while G loss climbs (tau {taus[1]:+.2f}) over steps {start}-{end}"
    return Finding(True, min(-taus[0], taus[1]), (start, end), start, says)


def g_loss_falling(trajectory: Trajectory) -> Finding:
    """Mann-Kendall trend of G's loss over the second half of the run."""
    rows = trajectory.last(HALF)
    need_rows(trajectory, rows, TREND_ROWS)
    tau = kendall(trajectory.g_loss[rows])
    start, end = trajectory.span(rows)
    fired = tau < -TAU
    return Finding(
        fired, tau, (start, end), start if fired else None, f"G loss trend tau {tau:+.2f}, steps {start}-{end}"
    )


def opposing_in_band(trajectory: Trajectory) -> Finding:
    """Correlation of the row-to-row changes of both losses over the second half.

    The sign fires only if neither loss has a trend in this half.
    """
    rows = trajectory.last(HALF)
    need_rows(trajectory, rows, OPPOSING_ROWS)
    d_loss, g_loss = trajectory.d_loss[rows], trajectory.g_loss[rows]
    correlation = increments_correlation(d_loss, g_loss)
    taus = kendall(d_loss), kendall(g_loss)
    start, end = trajectory.span(rows)
    fired = correlation < OPPOSING and max(map(abs, taus)) < BAND
    says = (
        f"changes of D and G loss correlate {correlation:+.2f}, trends {taus[0]:+.2f} and {taus[1]:+.2f}, "
        f"steps {start}-{end}"
    )
    return Finding(fired, correlation, (start, end), start if fired else None, says)


_ORIGINAL = "observed on 256 pictures with the non-saturating loss; here by Mann-Kendall's tau in trailing windows"

SCISSORS = Sign(
    name="scissors",
    signals=LOSSES,
    measure="smaller of -tau(D loss) and tau(G loss) in two windows of 30 % that end 5 % apart, D below 60 % of level",
    comparison="above",
    threshold=TAU,
    target="failure",
    supports="d_overpowering",
    source=_ORIGINAL,
    test=scissors,
)

SCISSORS_WITHOUT_LEVEL = Sign(
    name="scissors_without_level",
    signals=LOSSES,
    measure="smaller of -tau(D loss) and tau(G loss) in two windows of 30 % that end 5 % apart",
    comparison="above",
    threshold=TAU,
    target="failure",
    supports=None,
    source=_ORIGINAL,
    test=scissors_without_level,
)

G_LOSS_FALLING = Sign(
    name="g_loss_falling",
    signals=("g_loss",),
    measure="Mann-Kendall tau of G loss over the last 50 %",
    comparison="below",
    threshold=-TAU,
    target="failure",
    supports=None,
    source="soumith/ganhacks, item 10: 'if loss of G steadily decreases, it is fooling D with garbage'",
    test=g_loss_falling,
)

OPPOSING_IN_BAND = Sign(
    name="opposing_in_band",
    signals=LOSSES,
    measure="correlation of the changes of D and G loss over the last 50 %, both trends below .3",
    comparison="below",
    threshold=OPPOSING,
    target="hopping",
    supports="mode_hopping_suspected",
    source="corpus of 508 small runs: runs that hop between modes look like this, but so do many healthy runs",
    test=opposing_in_band,
)
