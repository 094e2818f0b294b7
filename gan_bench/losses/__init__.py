"""Losses: a file of this folder gives what discriminator and generator minimise, as functions of logits.

A loss file declares FACTS with, besides paper, settings and deviations:
  "family"       name of the family ("non_saturating", "minimax", "least_squares", ...); a loss of the family
                 "wasserstein" needs a penalty that bounds the critic
  "aliases"      optional: other names that `gan-bench detect --loss` takes for it
  "output"       "sigmoid" or "raw": whether histories report D's output as a probability or as the logit
  "equilibrium"  {"d_loss": x, "g_loss": y}, the values with the default settings where the generated distribution
                 is the data's and D is at its optimum; None where there is no such level
  "generator_needs_real"  optional; True where G's loss compares with the logits of real images
  "separable"    optional: False where a term of D's loss compares a real with a generated image
  "needs_output" optional: "reconstruction" where D's output must be the error of a reconstruction, not a logit
  "threshold"    optional: the logit above which D takes an image for real, or "midpoint": halfway between D's mean
                 outputs on real and on generated images, for losses where the level of D's output has no meaning.
                 The default is 0 for a "sigmoid" output and "midpoint" for a "raw" one
  "belief"       optional: the formula by which the detector of collapse gets b, D's mean probability that a generated
                 image is real, from G's loss g: 1/2 at the equilibrium, 0 where D has won. With g_0, d_0 the losses
                 at equilibrium: "minus_log" b = exp(-g), "log_doubt" b = 1 - exp(g), "square"
                 b = 1 - sqrt(g / g_0) / 2, "linear" b = 1/2 - (g - g_0) / d_0; "gap": a critic, minus D's loss is an
                 estimated distance of unknown scale. Without it the detector reads only what needs no scale
  "state"        optional: {name: number}, the initial value of what the loss keeps between steps
and has, with logits (B,) where higher means more real, and means over the minibatch:
  discriminator(real, fake, settings) -> (real_half, fake_half)  scalars; D minimises their sum
  generator(real, fake, settings) -> scalar                      G minimises it; `real` is None unless needed
  equilibrium(settings) -> dict or None                          optional: the level where it depends on the settings
  threshold(settings) -> float                                   optional: likewise
  update(state, real, fake, settings) -> state                   with "state": after each step of D. `discriminator`
                                                                 and `generator` then get `state` as an argument
"""

from collections.abc import Mapping
from typing import Any

from gan_bench import registry

MIDPOINT = "midpoint"


def equilibrium(ref: Mapping[str, Any]) -> dict[str, float] | None:
    """{"d_loss", "g_loss"} at equilibrium for the loss and settings of a resolved reference, or None.

    The loss's file is imported, and torch with it, only where a setting differs from its default.
    """
    level = _declared(ref, "equilibrium")
    return None if level is None else dict(level)


def threshold(ref: Mapping[str, Any]) -> float | None:
    """Logit above which D takes an image for real, for the loss and settings of a resolved reference.

    None where it is the midpoint between D's mean logits on real and on generated images.
    """
    level = _declared(ref, "threshold")
    if level is None:
        level = 0.0 if registry.component("losses", ref["name"]).facts["output"] == "sigmoid" else MIDPOINT
    return None if level == MIDPOINT else float(level)


def _declared(ref: Mapping[str, Any], fact: str) -> Any:
    """What a loss declares as `fact`; what its function of that name says where a setting is not the default."""
    found = registry.component("losses", ref["name"])
    if any(ref.get(name, setting.default) != setting.default for name, setting in found.settings.items()):
        own = getattr(registry.load("losses", ref["name"]), fact, None)
        if own:
            return own(ref)
    return found.facts.get(fact)
