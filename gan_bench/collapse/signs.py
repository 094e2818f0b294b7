"""All signs in order of priority, and their application to one trajectory."""

import numpy as np

from gan_bench.collapse.levels import D_LOSS_AT_ZERO, NON_FINITE, SPREAD_RATIO
from gan_bench.collapse.minibatch import BLIND_DISCRIMINATOR, PAIR_RATIO
from gan_bench.collapse.sign import Finding, NotApplicableError, Sign
from gan_bench.collapse.stagnation import FLAT_LOSSES, G_GRADIENT_GONE
from gan_bench.collapse.trajectory import LOSSES, Trajectory
from gan_bench.collapse.trends import G_LOSS_FALLING, OPPOSING_IN_BAND, SCISSORS, SCISSORS_WITHOUT_LEVEL

#: In order of priority: losses that are not finite, D's loss at zero, then signs of a collapse, of D's dominance, of
#: stagnation and of mode hopping, and last the signs that decide nothing. `verdict.decide` uses this order.
SIGNS = (
    NON_FINITE,
    D_LOSS_AT_ZERO,
    SPREAD_RATIO,
    PAIR_RATIO,
    BLIND_DISCRIMINATOR,
    SCISSORS,
    G_GRADIENT_GONE,
    FLAT_LOSSES,
    OPPOSING_IN_BAND,
    SCISSORS_WITHOUT_LEVEL,
    G_LOSS_FALLING,
)


def apply_sign(sign: Sign, trajectory: Trajectory) -> Finding | str:
    """Finding of a sign, or the reason why it is not applicable ("" if another sign replaces it)."""
    losses = np.stack([trajectory.columns[name] for name in LOSSES])
    if sign is not NON_FINITE and not np.isfinite(losses).all():
        return "the losses are not finite"
    try:
        return sign.test(trajectory)
    except NotApplicableError as reason:
        return str(reason)


def examine(trajectory: Trajectory) -> list[tuple[Sign, Finding | str]]:
    """Apply all signs, in the order of `SIGNS`, to a trajectory of at least one row."""
    return [(sign, apply_sign(sign, trajectory)) for sign in SIGNS]
