"""Signs in the direction of a trajectory: scissors, G's loss falling, both losses opposing in a band."""

import numpy as np

from gan_bench.collapse.sign import Finding, NotApplicableError, Sign, need_level, need_rows
from gan_bench.collapse.trajectory import LOSSES, Track, increments_correlation, kendall

#: Scissors: trailing window, spacing of the checks, and how many in a row must agree.
WINDOW, STRIDE, CHECKS = 0.3, 0.05, 2
TAU = 0.5
D_SHARE = 0.6

HALF = 0.5
OPPOSING, BAND = -0.3, 0.3
#: Rows a window needs. At ten, tau = .5 has a two-sided p of .05. The changes of two independent noises correlate with
#: a standard deviation of sqrt(1.5 / n): at fifty, -.3 comes up in 4 of 100.
TREND_ROWS, OPPOSING_ROWS = 10, 50


def scissors(track: Track) -> Finding:
    """D's loss falls while G's climbs and D is already below 60 % of its equilibrium (causal, anywhere in the run)."""
    return _scissors(track, D_SHARE * need_level(track))


def scissors_without_level(track: Track) -> Finding:
    """The same trend where D's loss has no level to be compared with."""
    if track.level is not None:
        raise NotApplicableError("")
    return _scissors(track, np.inf)


def _scissors(track: Track, below: float) -> Finding:
    width, stride = round(WINDOW * len(track)), max(1, round(STRIDE * len(track)))
    need_rows(track, slice(0, width), TREND_ROWS)
    agreed, taus = 0, (0.0, 0.0)
    for end in range(width, len(track) + 1, stride):
        rows = slice(end - width, end)
        taus = kendall(track.d_loss[rows]), kendall(track.g_loss[rows])
        holds = taus[0] < -TAU and taus[1] > TAU and track.d_loss[end - stride : end].mean() < below
        agreed = agreed + 1 if holds else 0
        if agreed == CHECKS:
            return _scissors_found(track, slice(end - width - (CHECKS - 1) * stride, end), taus)
    start, stop = track.span(rows)
    says = f"no window in which D loss falls and G loss climbs; at the end tau {taus[0]:+.2f} and {taus[1]:+.2f}"
    return Finding(False, min(-taus[0], taus[1]), (start, stop), None, says)


def _scissors_found(track: Track, rows: slice, taus: tuple[float, float]) -> Finding:
    start, end = track.span(rows)
    d_last = float(track.d_loss[rows][-1])
    at = f" to {d_last / track.level:.0%} of its equilibrium {track.level:.3g}" if track.level else ""
    says = f"D loss falling{at} (tau {taus[0]:+.2f}) while G loss climbs (tau {taus[1]:+.2f}) over steps {start}-{end}"
    return Finding(True, min(-taus[0], taus[1]), (start, end), start, says)


def g_loss_falling(track: Track) -> Finding:
    """Mann-Kendall trend of G's loss over the second half."""
    rows = track.last(HALF)
    need_rows(track, rows, TREND_ROWS)
    tau = kendall(track.g_loss[rows])
    start, end = track.span(rows)
    fired = tau < -TAU
    return Finding(
        fired, tau, (start, end), start if fired else None, f"G loss trend tau {tau:+.2f}, steps {start}-{end}"
    )


def opposing_in_band(track: Track) -> Finding:
    """Correlation of the row-to-row changes of both losses over the second half, where neither has a trend."""
    rows = track.last(HALF)
    need_rows(track, rows, OPPOSING_ROWS)
    d_loss, g_loss = track.d_loss[rows], track.g_loss[rows]
    correlation = increments_correlation(d_loss, g_loss)
    taus = kendall(d_loss), kendall(g_loss)
    start, end = track.span(rows)
    fired = correlation < OPPOSING and max(map(abs, taus)) < BAND
    says = (
        f"changes of D and G loss correlate {correlation:+.2f}, trends {taus[0]:+.2f} and {taus[1]:+.2f}, "
        f"steps {start}-{end}"
    )
    return Finding(fired, correlation, (start, end), start if fired else None, says)


_ORIGINAL = "observation on 256 pictures with the non-saturating loss, made causal: Mann-Kendall tau"

SCISSORS = Sign(
    name="scissors",
    signals=LOSSES,
    measure="smaller of -tau(D loss) and tau(G loss) over a trailing 30 %, twice 5 % apart, D below 60 % of its level",
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
    measure="smaller of -tau(D loss) and tau(G loss) over a trailing 30 %, twice 5 % apart",
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
    source="corpus of 508 small runs: hopping between modes looks like this, and so does what is often called healthy",
    test=opposing_in_band,
)
