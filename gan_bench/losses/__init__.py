"""Losses: a file of this folder defines the objectives of discriminator and generator, as functions of logits.

A loss file declares FACTS with, besides paper, settings and deviations:
  "family"       kind of loss ("non_saturating", "minimax", "least_squares", ...); a loss of the kind "wasserstein"
                 needs a penalty or a trick that bounds the critic's Lipschitz constant
  "aliases"      optional: other names that `gan-bench detect --loss` accepts
  "output"       how D's output is reported: "sigmoid" as a probability, "raw" unchanged
  "equilibrium"  {"d_loss": x, "g_loss": y}: the values of both losses, with default settings, if generated images
                 have the distribution of the data and D is optimal; None if the values are not determined
  "generator_needs_real"  optional: True if G's loss also reads the logits of real images
  "threshold"    optional: the logit above which D classifies an image as real. "midpoint" means halfway between D's
                 mean outputs on real and on generated images, for losses that do not fix the level of D's output.
                 Default: 0 for output "sigmoid", "midpoint" for output "raw"
  "separable"    optional: False if a term of D's loss depends on a real and on a generated image together
  "needs_output" optional: kind of D's output that the loss needs, as FACTS["output"] of a model declares it
  "state"        optional: {name: initial value} of numbers that change from one D step to the next
  "belief"       optional: name of the formula by which the collapse detector computes b from G's loss g. b is the
                 probability of "real" that D gives to generated images: 1/2 at equilibrium, 0 if D classifies
                 perfectly. g_0 and d_0 are the losses of G and D at equilibrium. The formulas are
                   "minus_log"  b = exp(g_0 - g) / 2
                   "log_doubt"  b = (1 - exp(g)) / (1 - exp(g_0)) / 2
                   "square"     b = 1 - sqrt(g / g_0) / 2
                   "linear"     b = 1/2 - (g - g_0) / d_0
                   "gap"        no b: D is a critic, and minus D's loss estimates a distance of unknown scale
                 Without "belief", the detector computes only those features of the losses that stay the same if
                 both losses are multiplied by a number
  "halves"       optional: name of the formulas of D's loss on a real and on a generated image. x is D's output, and
                 p is the probability of "real" that D gives to the image. The formulas are
                   "cross_entropy"  -log p and -log(1 - p)
                   "squares"        (x - b)^2 and (x - a)^2 with the settings a and b
                   "margins"        max(0, 1 - x) and max(0, 1 + x)
                 From these formulas, gan_bench.collapse.loss_facts computes how tricks change the level of D's loss
The file has these functions. `real` and `fake` are logits (B,), higher = more real; losses are minibatch means:
  discriminator(real, fake, settings) -> (real_half, fake_half)  scalars; D minimises their sum
  generator(real, fake, settings) -> scalar                      G minimises it; `real` is None unless needed
  equilibrium(settings) -> dict or None                         optional: "equilibrium" for settings other than defaults
  threshold(settings) -> float                                  optional: "threshold" for settings other than defaults
With "state", `discriminator` and `generator` have a further argument `state` {name: scalar tensor}, and the file has
  update(state, real, fake, settings) -> state                   called after each D step, with the logits of this step
"""

from collections.abc import Mapping
from typing import Any

from gan_bench import registry

MIDPOINT = "midpoint"


def equilibrium(ref: Mapping[str, Any]) -> dict[str, float] | None:
    """{"d_loss", "g_loss"} at equilibrium, or None. `ref`: the name of a loss and all its settings.

    The loss's file (and torch) is imported only if a setting differs from its default.
    """
    level = _declared(ref, "equilibrium")
    return None if level is None else dict(level)


def threshold(ref: Mapping[str, Any]) -> float | None:
    """Logit above which D classifies an image as real. `ref`: the name of a loss and all its settings.

    None means the midpoint between D's mean logits on real and on generated images.
    """
    level = _declared(ref, "threshold")
    if level is None:
        level = 0.0 if registry.component("losses", ref["name"]).facts["output"] == "sigmoid" else MIDPOINT
    return None if level == MIDPOINT else float(level)


def _declared(ref: Mapping[str, Any], fact: str) -> Any:
    """The value of the loss's FACTS under the key `fact`, which holds for default settings.

    If a setting differs from its default and the loss has a function named `fact`, the function returns the value.
    """
    component = registry.component("losses", ref["name"])
    if any(ref.get(name, setting.default) != setting.default for name, setting in component.settings.items()):
        function = getattr(registry.load("losses", ref["name"]), fact, None)
        if function:
            return function(ref)
    return component.facts.get(fact)
