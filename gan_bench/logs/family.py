"""Infers the family of a loss from the numbers in a log. Each family gets a probability.

Each family has a prior probability and a score. The inferred probability is proportional to prior x exp(score). The
score depends on the signs and the size of the losses, and on whether d_loss + g_loss reaches the family's lower bound
(`plausible.LEAST_SUM`). The rules of the scores were set by hand on 98 public logs whose loss is known; docs/formats.md
has the results.
"""

import math

import numpy as np

from gan_bench.logs.numbers import Array
from gan_bench.logs.plausible import LEAST_SUM, SLACK

PRIOR = {"non_saturating": 0.45, "hinge": 0.24, "least_squares": 0.14, "wasserstein": 0.14, "minimax": 0.03}


def infer_family(d_loss: Array, g_loss: Array) -> dict[str, float]:
    """Family -> probability, the most likely family first; empty if no row has two finite losses."""
    finite = np.isfinite(d_loss) & np.isfinite(g_loss)
    if not finite.any():
        return {}
    scores = _scores(np.clip(d_loss[finite], -1e9, 1e9), np.clip(g_loss[finite], -1e9, 1e9))
    logs = {name: math.log(prior) + scores[name] for name, prior in PRIOR.items()}
    top = max(logs.values())
    total = sum(math.exp(value - top) for value in logs.values())
    ordered = sorted(logs, key=lambda name: -logs[name])
    return {name: round(math.exp(logs[name] - top) / total, 3) for name in ordered}


def _scores(d: Array, g: Array) -> dict[str, float]:
    negative_d, negative_g = d < -1e-3, g < -1e-3
    # no_d and no_g lower the scores of families in which the loss of D or of G is never negative. A single negative
    # g_loss lowers a score by 4. A negative d_loss in a few rows lowers it less, because D's loss may contain other
    # terms.
    no_d, no_g = -min(12 * float(negative_d.mean()), 6), -4.0 * bool(negative_g.any())
    d_middle, g_middle = float(np.median(d)), float(np.median(g))
    large = 1.5 * (max(abs(d_middle), abs(g_middle)) > 15)
    return {
        "non_saturating": no_d + no_g + _below(d, g, "non_saturating"),
        "least_squares": no_d + no_g + _below(d, g, "least_squares") / 2 - 2.0 * (d_middle > 1.2 or g_middle > 1.5),
        "hinge": no_d + _below(d, g, "hinge") - 0.5 * (not negative_g.any()),
        "wasserstein": (2.0 if negative_d.mean() > 0.05 else -2.5) + large,
        "minimax": no_d + (3.0 if negative_g.mean() > 0.98 else -8.0) + _below(d, g, "minimax"),
    }


def _below(d: Array, g: Array, family: str) -> float:
    """Part of a family's score that depends on the lower bound of d + g: 0, -1 or -4.

    0: the average of d + g is at least the bound, up to a tolerance (SLACK).
    -1: only the average of 2 d + g is at least the bound. The family is possible if d is the mean, not the sum, of D's
        losses on real and generated images.
    -4: both averages are below the bound.
    """
    least = SLACK * LEAST_SUM[family]
    if float((d + g).mean()) >= least:
        return 0.0
    return -1.0 if float((2 * d + g).mean()) >= least else -4.0
