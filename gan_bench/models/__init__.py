"""Models: a file of this folder defines a pair of networks, the generator and the discriminator (critic).

A model file declares FACTS with, besides paper, settings and deviations:
  "sizes"                 list of square image sizes in pixels, or None for any shape
  "channels"              list of channel counts, or None for any
  "critic_batch_coupled"  {setting: [values]}: if a setting has one of these values, a logit depends on the other images
                          of the minibatch
  "output"                optional: "reconstruction" if the discriminator's output is minus a reconstruction error
  "conditional"           optional: True if the networks read the class of an image; needs the trick `labels`
  "dense"                 optional, if both networks consist of dense layers: names of the settings that are lists of
                          layer widths. gan_bench.stacking computes the size of the networks from them
The file has the function `build(shape, settings) -> Pair`. `build` draws no random numbers; `initialise_pair` fills the
networks from a NumPy generator. This module does not import torch, so that checking a study is fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gan_bench import registry
from gan_bench.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from torch import nn


@dataclass(frozen=True)
class Pair:
    """The two networks of a GAN.

    generator: z (B, latent_dim) float32 -> images (B, C, H, W) in [-1, 1], or points, which may lie outside.
    discriminator: images (B, C, H, W) -> raw logits (B,), higher = more real; never a sigmoid.
    """

    generator: nn.Module
    discriminator: nn.Module
    latent_dim: int


def build(ref: Mapping[str, Any], shape: tuple[int, int, int]) -> Pair:
    """The model that `ref` names, for images of `shape` (C, H, W). Its parameters are not initialised yet.

    Raises:
        UserError: the model is not defined for the shape, or a user's file does not return a Pair.
    """
    check_shape(ref, shape)
    pair = registry.load("models", ref["name"]).build(shape, ref)
    if not isinstance(pair, Pair):
        raise UserError(f"model {ref['name']!r}: build() must return a gan_bench.models.Pair, not {type(pair)}.")
    return pair


def check_shape(ref: Mapping[str, Any], shape: tuple[int, int, int]) -> None:
    """UserError unless the model takes images of `shape` (C, H, W). The model's file is not imported."""
    facts = registry.component("models", ref["name"]).facts
    channels, height, width = shape
    sizes, allowed = facts.get("sizes"), facts.get("channels")
    if sizes is not None and (height != width or height not in sizes):
        raise UserError(
            f"model {ref['name']!r} takes square images of {_listed(sizes)} pixels; "
            f"these are {height} x {width}: change the data set's image size or choose another model."
        )
    if allowed is not None and channels not in allowed:
        raise UserError(f"model {ref['name']!r} takes images of {_listed(allowed)} channels; these have {channels}.")


def couples_batch(ref: Mapping[str, Any]) -> bool:
    """Whether a critic's logit depends on the other images of its minibatch, as with batch norm.

    Penalties on single images are not defined for such a critic (Gulrajani et al. 2017, section 4). The model's file
    is not imported.
    """
    coupling = registry.component("models", ref["name"]).facts.get("critic_batch_coupled", {})
    return any(ref.get(setting) in values for setting, values in coupling.items())


def initialise_pair(pair: Pair, rng: np.random.Generator) -> None:
    """Draw the parameters of the generator, then those of the discriminator."""
    from gan_bench.models._init import initialise

    initialise(pair.generator, rng)
    initialise(pair.discriminator, rng)


def _listed(values: list[int]) -> str:
    return " or ".join([", ".join(map(str, values[:-1])), str(values[-1])] if len(values) > 1 else map(str, values))
