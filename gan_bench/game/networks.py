"""The two networks of a run: the model's pair, enlarged for classes, codes and heads, and changed by tricks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench import models, registry
from gan_bench.errors import UserError
from gan_bench.game.latent import LatentLayout, draw_latents
from gan_bench.game.tricks import Tricks
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.models._random import RandomLayer
from gan_bench.models._surgery import widen_head
from gan_bench.tricks import Scene

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class BuiltNetworks:
    """Generator z (B, layout.width) -> images; discriminator (B, d_channels, H, W) -> (B,) or (B, 1 + E)."""

    generator: nn.Module
    discriminator: nn.Module
    layout: LatentLayout

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the parameters of the generator, then those of the discriminator."""
        generator = self.generator.body if isinstance(self.generator, RandomLayersFromLatents) else self.generator
        initialise(generator, rng)
        initialise(self.discriminator, rng)


class RandomLayersFromLatents(nn.Module):
    """A generator with random layers. Their random numbers are the last columns of z, so images are a function of z."""

    def __init__(self, body: nn.Module, shapes: list[tuple[int, ...]]) -> None:
        super().__init__()
        self.body, self.shapes = body, shapes

    def forward(self, z: Tensor) -> Tensor:
        """z (B, width) -> images. The body reads the other columns of z; the random layers read the last columns."""
        counts = [prod(shape) for shape in self.shapes]
        z, *draws = torch.split(z, [z.shape[1] - sum(counts), *counts], dim=1)
        layers = _random_layers(self.body)
        try:
            for layer, draw, shape in zip(layers, draws, self.shapes, strict=True):
                layer.draw = draw.reshape(len(draw), *shape)
            images: Tensor = self.body(z)
        finally:
            for layer in layers:
                layer.draw = None
        return images


def build_networks(model: Mapping[str, Any], tricks: Tricks, shape: Shape, classes: int) -> BuiltNetworks:
    """The two networks of a run; their parameters are not initialised yet.

    Raises:
        UserError: model, tricks and data set cannot be combined.
    """
    facts = registry.component("models", model["name"]).facts
    conditional = bool(facts.get("conditional"))
    if conditional and not (tricks.any_declares("conditions") and tricks.any_declares("d_sees_labels")):
        raise UserError(f"model {model['name']!r} reads class labels; add the trick labels.")
    k = classes if tricks.any_declares("conditions") else 0
    if tricks.any_declares("conditions") and not classes:
        raise UserError("tricks: a trick of this run needs class labels, but the data set has none.")
    widths, laws = tricks.hooks("code_width"), tricks.hooks("code")
    codes = [(width(), law) for (_, width), (_, law) in zip(widths, laws, strict=True)]
    extra = k + sum(width for width, _ in codes)
    d_channels = shape[0] * tricks.packs + (k if tricks.any_declares("d_sees_labels") else 0)
    pair = _enlarged({**model, "classes": k} if conditional else model, shape, extra, d_channels, conditional)
    scene = Scene(shape, d_channels, pair.latent_dim + extra, classes)
    generator, discriminator = _changed_by_tricks(pair, tricks, scene, str(model["name"]))
    shapes = _shapes_of_random_layers(generator, pair.latent_dim + extra)
    noise_law = tricks.only_hook("latent") or draw_latents
    layout = LatentLayout(pair.latent_dim, noise_law, k, codes, sum(map(prod, shapes)))
    return BuiltNetworks(RandomLayersFromLatents(generator, shapes) if shapes else generator, discriminator, layout)


def heads(tricks: Tricks, scene: Scene) -> list[tuple[str, slice]]:
    """For each trick with auxiliary heads, the name of the trick and its columns of D's auxiliary heads (B, E)."""
    columns, first = [], 0
    for trick, width in tricks.hooks("head_width"):
        columns.append((trick.name, slice(first, first + width(scene))))
        first = columns[-1][1].stop
    return columns


def _enlarged(model: Mapping[str, Any], shape: Shape, extra: int, d_channels: int, conditional: bool) -> models.Pair:
    """The model's pair with `extra` more columns of z and `d_channels` channels of D's input.

    The pair of a conditional model is not changed, because the model itself reads the class.
    """
    pair = models.build(model, shape)
    if conditional:
        return pair
    generator, discriminator = pair.generator, pair.discriminator
    build = registry.load("models", model["name"]).build
    if extra:
        if "latent_dim" not in model:
            if registry.component("models", model["name"]).classes:
                raise UserError(
                    f"model {model['name']!r}: a trick of this run gives the generator a class or a code, but its "
                    "`forward` takes only z. For the trick labels, give `forward` of both classes a second argument, "
                    "the class: forward(self, z, labels)."
                )
            raise UserError(f"model {model['name']!r} has no setting latent_dim, so classes and codes cannot be added.")
        generator = build(shape, {**model, "latent_dim": model["latent_dim"] + extra}).generator
    if d_channels != shape[0]:
        discriminator = build((d_channels, *shape[1:]), model).discriminator
    return models.Pair(generator, discriminator, pair.latent_dim)


def _changed_by_tricks(pair: models.Pair, tricks: Tricks, scene: Scene, model: str) -> tuple[nn.Module, nn.Module]:
    generator, discriminator = pair.generator, pair.discriminator
    if outputs := sum(columns.stop - columns.start for _, columns in heads(tricks, scene)):
        name = heads(tricks, scene)[0][0]
        discriminator = _rebuilt(discriminator, lambda layers: widen_head(layers, 1 + outputs), name, model)
    for trick, change in tricks.hooks("generator"):
        generator = _rebuilt(generator, partial(_call, change, scene), trick.name, model)
    for trick, change in tricks.hooks("discriminator"):
        discriminator = _rebuilt(discriminator, partial(_call, change, scene), trick.name, model)
    return generator, discriminator


def _rebuilt(
    network: nn.Module, change: Callable[[list[nn.Module]], list[nn.Module]], trick: str, model: str
) -> nn.Module:
    """The network with its layers changed by a trick. UserError if the network is not an nn.Sequential."""
    if not isinstance(network, nn.Sequential):
        raise UserError(
            f"trick {trick!r} changes layers, which needs an nn.Sequential, but a network of model {model!r} has "
            "another class; leave the trick out (if the preset adds it, write `tricks: []` in the variant)."
        )
    return rebuilt(network, change)


def _call(change: Any, scene: Scene, layers: list[nn.Module]) -> list[nn.Module]:
    return change(layers, scene)


def _random_layers(module: nn.Module) -> list[RandomLayer]:
    return [layer for layer in module.modules() if isinstance(layer, RandomLayer)]


def _shapes_of_random_layers(generator: nn.Module, z_dim: int) -> list[tuple[int, ...]]:
    """For each random layer, the shape of its random numbers for one image, found by a forward pass of zeros."""
    layers = _random_layers(generator)
    shapes: list[tuple[int, ...]] = []
    hooks = [layer.register_forward_pre_hook(lambda _, x: shapes.append(tuple(x[0].shape[1:]))) for layer in layers]
    if layers:
        training = generator.training
        with torch.no_grad():
            generator.eval()(torch.zeros(1, z_dim))
        generator.train(training)
    for hook in hooks:
        hook.remove()
    return shapes
