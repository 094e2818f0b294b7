"""Losses: a file of this folder gives what discriminator and generator minimise, as functions of logits.

A loss file declares FACTS with, besides paper, settings and deviations:
  "family"       name of the family ("non_saturating", "minimax", "least_squares", "wasserstein", ...)
  "output"       "sigmoid" or "raw": whether D's output is reported as a probability or as it is
  "equilibrium"  {"d_loss": x, "g_loss": y}, the values with the default settings where the generated distribution
                 is the data's and D is at its optimum; None where there is no such level
  "generator_needs_real"  optional; True where G's loss compares with the logits of real images
and has, with logits (B,) where higher means more real, and means over the minibatch:
  discriminator(real, fake, settings) -> (real_half, fake_half)  scalars; D minimises their sum
  generator(real, fake, settings) -> scalar                      G minimises it; `real` is None unless needed
  equilibrium(settings) -> dict or None                          optional: the level where it depends on the settings
"""

from collections.abc import Mapping
from typing import Any

from gan_bench import registry


def equilibrium(ref: Mapping[str, Any]) -> dict[str, float] | None:
    """{"d_loss", "g_loss"} at equilibrium for the loss and settings of a resolved reference, or None.

    The loss's file is imported, and torch with it, only where a setting differs from its default.
    """
    found = registry.component("losses", ref["name"])
    level = found.facts.get("equilibrium")
    if any(ref.get(name, setting.default) != setting.default for name, setting in found.settings.items()):
        own = getattr(registry.load("losses", ref["name"]), "equilibrium", None)
        level = own(ref) if own else level
    return None if level is None else dict(level)
