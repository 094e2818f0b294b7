"""FACTS of a run's loss, as the run's tricks change them.

Tricks can change three facts: the minimum of D's loss, the losses at equilibrium, and the formula of D's belief. D's
belief is D's estimate of the probability that generated images are real (see `normalisation`).

D's loss on one image with target t is t * l_real(x) + (1 - t) * l_fake(x). Here x is D's output, and l_real and l_fake
are D's losses on a real and on a generated image. The minimum over x is m(t). Targets are drawn independently of the
image, so that only their means r (real images) and f (generated images) matter. If D separates all real from all
generated images, D's loss reaches its minimum, floor = m(r) + m(f). If the generated distribution equals that of the
data, D's best output is the x with the loss m((r + f) / 2), and D's whole loss is 2 m((r + f) / 2).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gan_bench import losses
from gan_bench.registry import component, stem

Ref = Mapping[str, Any]


def _cross_entropy(t: float, _ref: Ref) -> tuple[float, float] | None:
    """l_real = -log p, l_fake = -log(1 - p): m(t) is the entropy of t, at p = t. None if t is outside [0, 1]."""
    if not 0 <= t <= 1:
        return None
    return -sum(q * math.log(q) for q in (t, 1 - t) if q > 0), t


def _squares(t: float, ref: Ref) -> tuple[float, float] | None:
    """l_real = (x - b)^2, l_fake = (x - a)^2: m(t) = t (1 - t) (b - a)^2, at x = t b + (1 - t) a."""
    a, b = ref.get("a", 0.0), ref.get("b", 1.0)
    return t * (1 - t) * (b - a) ** 2, t * b + (1 - t) * a


def _margins(t: float, _ref: Ref) -> tuple[float, float] | None:
    """l_real = max(0, 1 - x), l_fake = max(0, 1 + x): m(t) = 2 min(t, 1 - t), at x = 1 (t > 1/2) or -1 (t < 1/2).

    For t = 1/2, every x between -1 and 1 gives the minimum.
    """
    if not 0 <= t <= 1:
        return None
    return 2 * min(t, 1 - t), 0.0 if t == 0.5 else math.copysign(1.0, t - 0.5)


#: "halves" of a loss -> function of t and the loss's settings. It returns the minimum m(t) of the loss of an image with
#: target t, and D's output at this minimum; None if the loss is unbounded.
HALVES: Mapping[str, Callable[[float, Ref], tuple[float, float] | None]] = {
    "cross_entropy": _cross_entropy,
    "squares": _squares,
    "margins": _margins,
}
#: "belief" of a loss -> G's loss on an image, as a function of D's output x (or of its probability p).
G_LOSSES: Mapping[str, Callable[[float, Ref], float]] = {
    "minus_log": lambda p, ref: -math.log(p),
    "log_doubt": lambda p, ref: math.log(1 - p),
    "square": lambda x, ref: (x - ref.get("c", 1.0)) ** 2,
    "linear": lambda x, ref: -x,
}
#: For losses whose generator minimises l_real on generated images: "halves" of the loss -> its "belief", and G's loss
#: on an image as a function of x (or of p).
REAL_HALVES: Mapping[str, tuple[str, Callable[[float, Ref], float]]] = {
    "cross_entropy": ("minus_log", lambda p, ref: -math.log(p)),
    "squares": ("square", lambda x, ref: (x - ref.get("b", 1.0)) ** 2),
    "margins": ("linear", lambda x, ref: max(0.0, 1 - x)),
}


def loss_facts(ref: Ref, tricks: Sequence[Ref] = ()) -> dict[str, Any]:
    """FACTS of the loss that the resolved reference `ref` names, as changed by its settings and the run's tricks.

    "floor" is the attainable minimum of D's loss if a trick changes D's targets, else 0, even if the loss has no
    minimum. "equilibrium" is None if the loss has none, or if a trick changes it and no formula for the change is
    declared.
    """
    facts = {**component("losses", ref["name"]).facts, "equilibrium": losses.equilibrium(ref), "floor": 0.0}
    declared = [
        (component("tricks", trick["name"]).facts, trick) for trick in sorted(tricks, key=lambda t: stem(t["name"]))
    ]
    real, fake = 1.0, 0.0
    for trick_facts, settings in declared:
        if "mean_targets" in trick_facts:
            of_real, of_fake = (_linear(trick_facts["mean_targets"][name], settings) for name in ("real", "fake"))
            real, fake = (of_fake + target * (of_real - of_fake) for target in (real, fake))
    real_half = any(trick_facts.get("generator_minimises") == "real_half" for trick_facts, _ in declared)
    if facts["equilibrium"] is None or ((real, fake) == (1.0, 0.0) and not real_half):
        return facts
    return facts | _changed(facts, ref, real, fake, real_half)


def run_loss_facts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`loss_facts` from the resolved settings of a run."""
    return loss_facts(settings["loss"], settings.get("tricks") or ())


def _changed(facts: Mapping[str, Any], ref: Ref, real: float, fake: float, real_half: bool) -> dict[str, Any]:
    """The facts "floor", "equilibrium" and "belief" with mean targets `real` and `fake`.

    `real_half`: whether the generator minimises l_real on generated images. If there is no formula for the change, the
    result is {"equilibrium": None}.
    """
    least, belief = HALVES.get(facts.get("halves", "")), facts.get("belief")
    g_loss = G_LOSSES.get(belief or "")
    if real_half and least is not None:
        belief, g_loss = REAL_HALVES[facts["halves"]]
    points = None if least is None else [least(t, ref) for t in (real, fake, (real + fake) / 2)]
    if g_loss is None or points is None or None in points:
        return {"equilibrium": None}
    (on_real, _), (on_fake, _), (both, output) = (point for point in points if point is not None)
    return {
        "floor": on_real + on_fake,
        "equilibrium": {"d_loss": 2 * both, "g_loss": g_loss(output, ref)},
        "belief": belief,
    }


def _linear(coefficients: Mapping[str, float], settings: Ref) -> float:
    """Sum of coefficient times setting; the key "1" is the constant."""
    return float(sum(factor * (1.0 if name == "1" else settings[name]) for name, factor in coefficients.items()))
