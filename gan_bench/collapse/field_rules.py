"""Signs of failure in two loss curves, by fixed rules without a trained model.

Most signs are looked for in the late part of the log, which is the last 30 %. `regime_change` uses the second half.
`non_finite` uses all rows: a NaN or infinite loss in any row is a divergence. A deciding sign raises an alarm by
itself. The other signs are only reported beside the probability.
`benchmarks/detector/train_field.py` measures how often each sign is right on small runs and on public logs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_bench.collapse.field_features import BLOCKS, CRITIC, Array, blocks, change_point, late_rows

#: If the median absolute value of a loss in the late part is above this, the run counts as diverged, although all
#: values are finite.
EXPLODED = 1e4
#: A cross-entropy of this size means that the target has a probability of 2e-9: one network has lost completely.
BEYOND = 20.0
NEAR_ZERO = 0.01
#: A critic whose loss stays below this in absolute value does not distinguish real from generated images.
DEAD = 1e-4
#: `spiky_d`: D's loss is below LOW in more than LOW_SHARE of the late rows, and the 98 % quantile of its absolute value
#: is more than SPIKES times the median. NEAR_ZERO is added to the quantile and to the median.
LOW, LOW_SHARE, SPIKES = 0.1, 0.5, 10.0
#: `regime_change` holds if the `change_point` of G's loss in the second half is above this.
REGIME = 2.0


@dataclass(frozen=True)
class FieldSign:
    """A sign of failure.

    `holds` is called with D's and G's loss (rows,). `decides`: whether the sign raises an alarm by itself.
    """

    name: str
    says: str
    verdict: str
    decides: bool
    holds: Callable[[Array, Array], bool]


def non_finite(d: Array, g: Array) -> bool:
    return not (np.isfinite(d).all() and np.isfinite(g).all())


def finite_explosion(d: Array, g: Array) -> bool:
    return max(_late_median(np.abs(d)), _late_median(np.abs(g))) > EXPLODED


def d_fooled(d: Array, g: Array) -> bool:
    """D's loss is far above any equilibrium while G's is near zero."""
    return _late_median(d) > BEYOND and abs(_late_median(g)) < NEAR_ZERO


def d_unbeatable(d: Array, g: Array) -> bool:
    """D's loss stays near zero while G's is far above any equilibrium. The sign never holds for a critic."""
    late = np.abs(d[late_rows(len(d))])
    return not is_critic(d) and float(np.quantile(late, 0.9)) < NEAR_ZERO and _late_median(g) > BEYOND


def dead_critic(d: Array, g: Array) -> bool:
    late = np.abs(d[late_rows(len(d))])
    return bool((d < 0).any()) and float(np.quantile(late, 0.9)) < DEAD


def spiky_d(d: Array, g: Array) -> bool:
    """D's loss is near zero most of the time, with rare spikes."""
    late = np.abs(d[late_rows(len(d))])
    spike = (float(np.quantile(late, 0.98)) + NEAR_ZERO) / (float(np.median(late)) + NEAR_ZERO)
    return not is_critic(d) and bool((d[late_rows(len(d))] < LOW).mean() > LOW_SHARE) and spike > SPIKES


def regime_change(d: Array, g: Array) -> bool:
    """Within the second half, the mean of G's loss before some row differs much from the mean from this row on."""
    rough = blocks(g, BLOCKS)
    half = rough[len(rough) // 2 :]
    return len(half) > 5 and change_point(half, 0.02 * abs(float(np.median(half)))) > REGIME


def is_critic(d: Array) -> bool:
    """Whether D's loss is negative too often for a loss with a lower bound of zero."""
    return bool((d < 0).mean() > CRITIC)


def _late_median(values: Array) -> float:
    return float(np.median(values[late_rows(len(values))]))


SIGNS = (
    FieldSign("non_finite", "a loss is not finite", "diverged", True, non_finite),
    FieldSign("finite_explosion", "a loss stays above 10,000", "diverged", True, finite_explosion),
    FieldSign("d_fooled", "D's loss stays above 20 while G's is zero: D is fooled", "failure", True, d_fooled),
    FieldSign("d_unbeatable", "D's loss stays at zero and G's above 20", "failure", True, d_unbeatable),
    FieldSign("dead_critic", "the critic's loss stays at zero: it separates nothing", "failure", True, dead_critic),
    FieldSign("spiky_d", "D's loss is near zero with rare spikes", "failure", False, spiky_d),
    FieldSign("regime_change", "G's mean loss jumped in the second half", "failure", False, regime_change),
)


def signs_that_hold(d: Array, g: Array) -> list[FieldSign]:
    """Signs that hold. If a loss is NaN or infinite, the list has only `non_finite`; without rows it is empty."""
    if not len(d):
        return []
    if non_finite(d, g):
        return [SIGNS[0]]
    return [sign for sign in SIGNS if sign.holds(d, g)]
