"""Losses: a file of this folder gives what discriminator and generator minimise, as functions of logits.

A loss file declares FACTS with, besides paper, settings and deviations:
  "family"       name of the family ("non_saturating", "minimax", "least_squares", "wasserstein", ...)
  "aliases"      optional: other names that `gan-bench detect --loss` takes for it
  "output"       "sigmoid" or "raw": whether D's output is reported as a probability or as it is
  "equilibrium"  {"d_loss": x, "g_loss": y}, the values with the default settings where the generated distribution
                 is the data's and D is at its optimum; None where there is no such level
  "generator_needs_real"  optional; True where G's loss compares with the logits of real images
  "threshold"    optional: the logit above which D takes an image for real, or "midpoint" where the level of D's
                 output means nothing: halfway between its mean outputs on real and on generated images; left out, it
                 is 0 for a "sigmoid" output and "midpoint" for a "raw" one
  "belief"       optional: how G's loss g tells what D thinks of generated images, b = 1/2 at the equilibrium and 0
                 where D has won; the detector of collapse reads it. With g_0, d_0 the losses at equilibrium:
                 "minus_log" b = exp(-g), "log_doubt" b = 1 - exp(g), "square" b = 1 - sqrt(g / g_0) / 2,
                 "linear" b = 1/2 - (g - g_0) / d_0, "gap" a critic, where minus D's loss is an estimated distance of
                 unknown scale. Left out, only what needs no scale is read off the losses
and has, with logits (B,) where higher means more real, and means over the minibatch:
  discriminator(real, fake, settings) -> (real_half, fake_half)  scalars; D minimises their sum
  generator(real, fake, settings) -> scalar                      G minimises it; `real` is None unless needed
  equilibrium(settings) -> dict or None                          optional: the level where it depends on the settings
  threshold(settings) -> float                                   optional: likewise
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
