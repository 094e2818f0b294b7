"""Losses: a file of this folder defines what discriminator and generator minimise, as functions of logits.

A loss file declares FACTS with, besides paper, settings and deviations:
  "family"       name of the family ("non_saturating", "minimax", "least_squares", ...); a loss of the family
                 "wasserstein" needs a penalty that bounds the critic
  "aliases"      optional: other names that `gan-bench detect --loss` accepts
  "output"       how D's output is reported: "sigmoid" as a probability, "raw" unchanged
  "equilibrium"  {"d_loss": x, "g_loss": y}: the losses, with default settings, where the generated distribution equals
                 the data's and D is optimal; None where they have no fixed value
  "generator_needs_real"  optional: True where G's loss compares with the logits of real images
  "threshold"    optional: the logit above which D classifies an image as real, or "midpoint": halfway between D's mean
                 outputs on real and on generated images, for outputs without an absolute level. Default: 0 for output
                 "sigmoid", "midpoint" for output "raw"
  "separable"    optional: False where a term of D's loss compares a real with a generated image
  "needs_output" optional: kind of D's output that the loss needs, as FACTS["output"] of a model declares it
  "state"        optional: {name: initial value} of numbers that change from one D step to the next
  "belief"       optional: how the collapse detector computes b, the probability of "real" that D gives to generated
                 images, from G's loss g. b is 1/2 at equilibrium and 0 where D has won. With g_0, d_0 the losses at
                 equilibrium: "minus_log" b = exp(-g), "log_doubt" b = 1 - exp(g), "square" b = 1 - sqrt(g / g_0) / 2,
                 "linear" b = 1/2 - (g - g_0) / d_0. "gap" is a critic: minus D's loss estimates a distance of unknown
                 scale. Without "belief" the detector uses only features that need no scale
  "halves"       optional: formulas of D's two halves, from which gan_bench.collapse.loss_facts computes the levels that
                 tricks change. "cross_entropy": -log p and -log(1 - p); "squares": (x - b)^2 and (x - a)^2 with the
                 settings a and b; "margins": max(0, 1 - x) and max(0, 1 + x)
and has these functions of logits (B,), higher = more real; values are means over the minibatch:
  discriminator(real, fake, settings) -> (real_half, fake_half)  scalars; D minimises their sum
  generator(real, fake, settings) -> scalar                      G minimises it; `real` is None unless needed
  equilibrium(settings) -> dict or None                          optional: "equilibrium" for other settings
  threshold(settings) -> float                                   optional: "threshold" for other settings
With "state", the first two take a further argument `state` {name: scalar tensor}, and the file also has
  update(state, real, fake, settings) -> state                   after each D step, from its logits
"""

from collections.abc import Mapping
from typing import Any

from gan_bench import registry

MIDPOINT = "midpoint"


def equilibrium(ref: Mapping[str, Any]) -> dict[str, float] | None:
    """{"d_loss", "g_loss"} at equilibrium for the loss and settings of a resolved reference, or None.

    Only where a setting differs from its default is the loss's file imported, and torch with it.
    """
    level = _declared(ref, "equilibrium")
    return None if level is None else dict(level)


def threshold(ref: Mapping[str, Any]) -> float | None:
    """Logit above which D classifies an image as real, for the loss and settings of a resolved reference.

    None where it is the midpoint between D's mean logits on real and on generated images.
    """
    level = _declared(ref, "threshold")
    if level is None:
        level = 0.0 if registry.component("losses", ref["name"]).facts["output"] == "sigmoid" else MIDPOINT
    return None if level == MIDPOINT else float(level)


def _declared(ref: Mapping[str, Any], fact: str) -> Any:
    """A loss's `fact`. Where a setting is not the default, the loss's function of that name returns it instead."""
    component = registry.component("losses", ref["name"])
    if any(ref.get(name, setting.default) != setting.default for name, setting in component.settings.items()):
        function = getattr(registry.load("losses", ref["name"]), fact, None)
        if function:
            return function(ref)
    return component.facts.get(fact)
