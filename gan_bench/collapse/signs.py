"""All signs, in the order in which they carry a verdict, and their examination of one trajectory."""

import numpy as np

from gan_bench.collapse.levels import D_LOSS_AT_ZERO, NON_FINITE, SPREAD_RATIO
from gan_bench.collapse.minibatch import BLIND_DISCRIMINATOR, PAIR_RATIO
from gan_bench.collapse.sign import Finding, NotApplicableError, Sign
from gan_bench.collapse.stagnation import FLAT_LOSSES, G_GRADIENT_GONE
from gan_bench.collapse.trajectory import LOSSES, Track
from gan_bench.collapse.trends import G_LOSS_FALLING, OPPOSING_IN_BAND, SCISSORS, SCISSORS_WITHOUT_LEVEL

#: The first sign that fires and decides gives the verdict: facts first, then by measured precision.
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


def ask(sign: Sign, track: Track) -> Finding | str:
    """What a sign found, or the reason why it cannot be asked ("" when another sign stands in for it)."""
    losses = np.stack([track.columns[name] for name in LOSSES])
    if sign is not NON_FINITE and not np.isfinite(losses).all():
        return "the losses are not finite"
    try:
        return sign.test(track)
    except NotApplicableError as reason:
        return str(reason)


def examine(track: Track) -> list[tuple[Sign, Finding | str]]:
    """All signs asked of a trajectory of at least one row, in the order of `SIGNS`."""
    return [(sign, ask(sign, track)) for sign in SIGNS]
