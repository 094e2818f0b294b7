"""A model from a user's network classes: their arguments, the length of z and the form of inputs are found by trials.

`notes_of` reports what was found or changed, such as a removed sigmoid, reshaped outputs and the length of z.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from math import prod
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.blank import blank
from gan_bench.errors import UserError
from gan_bench.models import Pair
from gan_bench.models._arguments import Sizes, argument_sets, latent_lengths
from gan_bench.models._init import initialise
from gan_bench.models._ready import ready

#: If one class contains both networks, they are found in attributes with these names.
NETWORKS = {
    "generator": ("generator", "G", "netG", "gen", "decoder"),
    "discriminator": ("discriminator", "D", "netD", "disc", "critic"),
}
#: BATCH: images per trial. LARGE: factor of random inputs. With such inputs, logits leave [0, 1], but the outputs of a
#: sigmoid do not.
BATCH, LARGE = 4, 1e3
Shape = tuple[int, int, int]


class Adapted(nn.Module):
    """A user's network with the input and output that a model of this package needs.

    variables: variables of the user's file that its `forward` may read. notes: sentences about the changes.
    """

    def __init__(self, made: "Made", before: Callable[[Tensor], tuple[Tensor, ...]], output: tuple[int, ...]) -> None:
        super().__init__()
        self.body, self.file, self.variables = made.network, made.file, made.variables
        self.before, self.output = before, output
        self.scaled, self.notes = False, list[str]()

    def call(self, x: Tensor) -> Tensor:
        """The output of the user's network."""
        vars(sys.modules[self.file]).update(self.variables)
        output: Tensor = self.body(*self.before(x))
        return output

    def forward(self, x: Tensor) -> Tensor:
        values = self.call(x).reshape(len(x), *self.output)
        return 2 * values - 1 if self.scaled else values


class Made(NamedTuple):
    """A user's network, the name of its module, and the variables of the module that were set to build it."""

    network: nn.Module
    file: str
    variables: dict[str, Any]


def builder(module: ModuleType, file: str, classes: str) -> Callable[[Shape, Mapping[str, Any]], Pair]:
    """The function `build` of a model whose networks are classes of an imported file."""
    return partial(_build, module, file, classes.split(","))


def notes_of(pair: Pair) -> list[str]:
    """Sentences about what was found or changed; empty for models that are not made from a user's classes."""
    networks = (pair.generator, pair.discriminator)
    return [note for network in networks if isinstance(network, Adapted) for note in network.notes]


def _build(module: ModuleType, file: str, names: list[str], shape: Shape, settings: Mapping[str, Any]) -> Pair:
    sizes = Sizes(shape, settings.get("classes", 0), settings["z_dim"])
    generator, latent_dim = _generator(module, file, names, sizes)
    return Pair(generator, _discriminator(module, file, names, sizes), latent_dim)


def _networks(module: ModuleType, names: list[str], player: str, sizes: Sizes) -> Iterator[Made | Exception]:
    """Yield, for each set of arguments, the player's network with parameters 0, or the exception that it raised."""
    name = names[0] if player == "generator" else names[-1]
    kind = getattr(module, name)
    for arguments, variables in argument_sets(module, kind, "both" if len(names) == 1 else player, sizes):
        vars(module).update(variables)
        try:
            network = blank(partial(kind, **arguments))
            if len(names) == 1:
                network = _attribute(network, player, name)
            yield Made(ready(network), module.__name__, variables)
        except Exception as error:
            yield error


def _attribute(network: nn.Module, player: str, name: str) -> nn.Module:
    for attribute in NETWORKS[player]:
        if isinstance(part := getattr(network, attribute, None), nn.Module):
            return part
    raise UserError(
        f"class {name} has no {player}: it needs an attribute with one of the names {', '.join(NETWORKS[player])}."
    )


def _generator(module: ModuleType, file: str, names: list[str], sizes: Sizes) -> tuple[Adapted, int]:
    failures = _Failures(f"{file}: class {names[0]}", f"images of shape {sizes.shape}")
    for made in _networks(module, names, "generator", sizes):
        if isinstance(made, Exception):
            failures.add(made)
            continue
        for length, before in itertools.product(latent_lengths(module, made.network, sizes), _latents(sizes.classes)):
            z = torch.zeros(BATCH, length + sizes.classes)
            adapted = Adapted(made, before, sizes.shape)
            if failures.forward(adapted, z, prod(sizes.shape)):
                output = failures.output
                if output.dim() != 4:
                    adapted.notes.append(f"{names[0]}: its output {_shape(output)} is reshaped to images.")
                adapted.notes.append(
                    f"{names[0]}: z has {length} numbers{'' if sizes.z_dim else ', found by a trial'}."
                )
                _scale(adapted, names[0], length + sizes.classes)
                return adapted.train(), length
    raise failures.sentence()


def _discriminator(module: ModuleType, file: str, names: list[str], sizes: Sizes) -> Adapted:
    failures = _Failures(f"{file}: class {names[-1]}", f"one logit for each image of shape {sizes.shape}")
    for made in _networks(module, names, "discriminator", sizes):
        if isinstance(made, Exception):
            failures.add(made)
            continue
        for before in _images(sizes):
            adapted = Adapted(made, before, ())
            if failures.forward(adapted, torch.zeros(BATCH, sizes.shape[0] + sizes.classes, *sizes.shape[1:]), 1):
                if failures.output.dim() != 1:
                    adapted.notes.append(f"{names[-1]}: its output {_shape(failures.output)} is squeezed to (B,).")
                _without_sigmoid(adapted, f"{file}: class {names[-1]}", sizes)
                return adapted.train()
    raise failures.sentence()


def _shape(output: Tensor) -> str:
    return f"({', '.join(['B', *map(str, output.shape[1:])])})"


class _Failures:
    """Why the trials of a network failed. The message states the first output of a wrong shape, or the first error."""

    def __init__(self, what: str, expected: str) -> None:
        self.what, self.expected, self.output = what, expected, torch.empty(0)
        self.error, self.shapes = "", list[str]()

    def add(self, error: Exception) -> None:
        self.error = self.error or f"{type(error).__name__}: {error}"

    def forward(self, network: Adapted, x: Tensor, numbers: int) -> bool:
        """Whether the user's network returns `numbers` numbers for each row of x; then `output` is set to them."""
        try:
            with torch.no_grad():
                output = network.eval().call(x)
        except Exception as error:
            self.add(error)
            return False
        if not isinstance(output, Tensor) or output.numel() != len(x) * numbers or len(output) != len(x):
            self.shapes.append(_shape(output) if isinstance(output, Tensor) and output.dim() else type(output).__name__)
            return False
        self.output = output
        return True

    def sentence(self) -> UserError:
        reason = f"it returns {self.shapes[0]}" if self.shapes else f"it raises {self.error.splitlines()[0]}"
        return UserError(
            f"{self.what}: expected {self.expected}; {reason}. Give the sizes that it needs as arguments with "
            "defaults, or choose data of its size."
        )


def _latents(classes: int) -> Sequence[Callable[[Tensor], tuple[Tensor, ...]]]:
    """Functions from z (B, Z + K) to a generator's inputs: z flat or as a 1 x 1 map, the class after or before it."""
    if not classes:
        return (lambda z: (z,), lambda z: (z[:, :, None, None],))
    return (
        lambda z: (z[:, :-classes], z[:, -classes:].argmax(dim=1)),
        lambda z: (z[:, :-classes, None, None], z[:, -classes:].argmax(dim=1)),
        lambda z: (z[:, -classes:].argmax(dim=1), z[:, :-classes]),
    )


def _images(sizes: Sizes) -> Sequence[Callable[[Tensor], tuple[Tensor, ...]]]:
    """Functions from (B, C + K, H, W) to a discriminator's inputs: images as maps or flat, the class last or first."""
    if not sizes.classes:
        return (lambda x: (x,), lambda x: (x.flatten(1),))
    c = sizes.shape[0]
    return (
        lambda x: (x[:, :c], x[:, c:, 0, 0].argmax(dim=1)),
        lambda x: (x[:, :c].flatten(1), x[:, c:, 0, 0].argmax(dim=1)),
        lambda x: (x[:, c:, 0, 0].argmax(dim=1), x[:, :c]),
    )


def _scale(generator: Adapted, name: str, width: int) -> None:
    """If a generator ends in a sigmoid, scale its images to [-1, 1] and add a note."""
    output = _random_output(generator, LARGE * torch.randn(BATCH, width, generator=torch.Generator()))
    if _within_unit(output):
        generator.scaled = True
        generator.notes.append(f"{name}: its images are in [0, 1]; they are scaled to [-1, 1].")


def _without_sigmoid(discriminator: Adapted, what: str, sizes: Sizes) -> None:
    """Remove a final layer nn.Sigmoid and add a note. UserError if the final sigmoid is not a layer."""
    shape = (BATCH, sizes.shape[0] + sizes.classes, *sizes.shape[1:])
    x = LARGE * torch.randn(shape, generator=torch.Generator())
    output = _random_output(discriminator, x)
    if not _within_unit(output):
        return
    for parent in discriminator.body.modules():
        for key, layer in list(parent.named_children()):
            if isinstance(layer, nn.Sigmoid):
                parent._modules[key] = nn.Identity()
                if not _within_unit(_random_output(discriminator, x)):
                    discriminator.notes.append(f"{what.rpartition(' ')[2]}: the sigmoid at its end is taken off.")
                    return
                parent._modules[key] = layer
    raise UserError(f"{what} ends in a sigmoid (its outputs are in [0, 1]); return raw logits, without the sigmoid.")


def _random_output(network: Adapted, x: Tensor) -> Tensor:
    """The output of a copy of the network with random parameters."""
    copy = deepcopy(network)
    initialise(copy, np.random.default_rng(0))
    with torch.no_grad():
        return copy.train()(x)


def _within_unit(values: Tensor) -> bool:
    return bool(((values >= 0) & (values <= 1)).all()) and float(values.std()) > 0
