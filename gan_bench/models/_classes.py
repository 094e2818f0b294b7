"""A model from a user's network classes: arguments, the length of z and the form of inputs are found by trials.

`notes_of` reports what was found or changed, such as a removed sigmoid, reshaped outputs and the length of z.
"""

import contextlib
import io
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.blank import blank
from gan_bench.errors import UserError
from gan_bench.models import Pair
from gan_bench.models._arguments import Sizes, argument_sets, latent_lengths
from gan_bench.models._failures import Failures, shape_of
from gan_bench.models._init import initialise
from gan_bench.models._ready import ready

#: If one class contains both networks, they are looked for in attributes with these names, in this order.
NETWORKS = {
    "generator": ("generator", "G", "netG", "gen", "decoder"),
    "discriminator": ("discriminator", "D", "netD", "disc", "critic"),
}
#: BATCH: images per trial. LARGE: factor by which random inputs are multiplied. With such large inputs, logits leave
#: [0, 1], but the outputs of a sigmoid do not.
BATCH, LARGE = 4, 1e3
Shape = tuple[int, int, int]


class Adapted(nn.Module):
    """A user's network with the input and output that a model of this package needs.

    variables: values of variables of the user's file that `forward` of the user's network may read. notes: sentences on
        what was found or changed.
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
    """For each set of arguments, yield a network with all parameters 0, or the exception that was raised instead.

    `player`: "generator" or "discriminator".
    """
    name = names[0] if player == "generator" else names[-1]
    kind = getattr(module, name)
    if len(names) == 2 and not issubclass(kind, nn.Module):
        raise UserError(f"{Path(str(module.__file__)).name}: class {name} is not a torch.nn.Module.")
    for arguments, variables in argument_sets(module, kind, "both" if len(names) == 1 else player, sizes):
        vars(module).update(variables)
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # many classes print their layers
                network = blank(partial(_network, kind, arguments, player if len(names) == 1 else None))
            yield Made(ready(network), module.__name__, variables)
        except Exception as error:
            yield error


def _network(kind: type, arguments: dict[str, Any], player: str | None) -> nn.Module:
    """An object of the class. If `player` is given, the attribute of this object that is the network of `player`."""
    made: Any = kind(**arguments)
    if player is None:
        network: nn.Module = made
        return network
    for attribute in NETWORKS[player]:
        if isinstance(part := getattr(made, attribute, None), nn.Module):
            return part
    raise UserError(
        f"it has no {player}; name two classes (networks.py:Generator,Discriminator), or a class that has the "
        f"{player} as an attribute with one of the names {', '.join(NETWORKS[player])}."
    )


def _generator(module: ModuleType, file: str, names: list[str], sizes: Sizes) -> tuple[Adapted, int]:
    failures = Failures(f"{file}: class {names[0]}", f"images of shape {sizes.shape}", sizes.shape)
    for made in _networks(module, names, "generator", sizes):
        if isinstance(made, Exception):
            failures.add(made)
            continue
        for length, before in itertools.product(latent_lengths(module, made.network, sizes), _latents(sizes.classes)):
            z = torch.zeros(BATCH, length + sizes.classes)
            adapted = Adapted(made, before, sizes.shape)
            if failures.fits(adapted, z, prod(sizes.shape)):
                output = failures.output
                if output.dim() != 4:
                    adapted.notes.append(f"{names[0]}: its output {shape_of(output)} is reshaped to images.")
                adapted.notes.append(
                    f"{names[0]}: z has {length} numbers{'' if sizes.z_dim else ', found by a trial'}."
                )
                _scale(adapted, names[0], length + sizes.classes)
                return adapted.train(), length
    raise _fitting(module, file, names, sizes) or failures.sentence()


def _fitting(module: ModuleType, file: str, names: list[str], sizes: Sizes) -> UserError | None:
    """The error for the user if another length of z works, or if the two classes are in the wrong order; else None."""
    with contextlib.suppress(UserError):
        if sizes.z_dim is not None:
            _, length = _generator(module, file, names, replace(sizes, z_dim=None))
            return UserError(
                f"{file}: class {names[0]}: z_dim is {sizes.z_dim}, but this class takes z of length {length}; write "
                f"z_dim: {length}, or leave z_dim out."
            )
    with contextlib.suppress(UserError):
        if len(names) == 2 and names[0] != names[1]:
            _generator(module, file, [names[1], names[1]], sizes)
            return UserError(
                f"{file}: class {names[0]} makes no images, but {names[1]} does; name the generator first: "
                f"{file}:{names[1]},{names[0]}."
            )
    return None


def _discriminator(module: ModuleType, file: str, names: list[str], sizes: Sizes) -> Adapted:
    failures = Failures(f"{file}: class {names[-1]}", f"one logit for each image of shape {sizes.shape}")
    for made in _networks(module, names, "discriminator", sizes):
        if isinstance(made, Exception):
            failures.add(made)
            continue
        for before in _images(sizes):
            adapted = Adapted(made, before, ())
            if failures.fits(adapted, torch.zeros(BATCH, sizes.shape[0] + sizes.classes, *sizes.shape[1:]), 1):
                if failures.output.dim() != 1:
                    adapted.notes.append(f"{names[-1]}: its output {shape_of(failures.output)} is squeezed to (B,).")
                _without_sigmoid(adapted, f"{file}: class {names[-1]}", sizes)
                return adapted.train()
    raise failures.sentence()


def _latents(classes: int) -> Sequence[Callable[[Tensor], tuple[Tensor, ...]]]:
    """Functions from z with a one-hot class (B, Z + K) to the inputs of a generator.

    The noise is flat or in 1 x 1 maps, and the class comes last or first.
    """
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
    if _ends_in_sigmoid(generator, (BATCH, width)):
        generator.scaled = True
        generator.notes.append(f"{name}: its images are in [0, 1]; they are scaled to [-1, 1].")


def _without_sigmoid(discriminator: Adapted, what: str, sizes: Sizes) -> None:
    """Remove a final layer nn.Sigmoid, if there is one, and add a note. UserError for a sigmoid that is no layer."""
    shape = (BATCH, sizes.shape[0] + sizes.classes, *sizes.shape[1:])
    if not _ends_in_sigmoid(discriminator, shape):
        return
    for parent in discriminator.body.modules():
        for key, layer in list(parent.named_children()):
            if isinstance(layer, nn.Sigmoid):
                parent._modules[key] = nn.Identity()
                if not _ends_in_sigmoid(discriminator, shape):
                    discriminator.notes.append(f"{what.rpartition(' ')[2]}: the sigmoid at its end is taken off.")
                    return
                parent._modules[key] = layer
    raise UserError(f"{what} ends in a sigmoid (its outputs are in [0, 1]); return raw logits, without the sigmoid.")


def _ends_in_sigmoid(network: Adapted, shape: tuple[int, ...]) -> bool:
    """Whether the outputs of a copy with random parameters are all in [0, 1] and not all equal.

    The copy gets small inputs and large inputs. With large inputs alone, all outputs of a sigmoid could be exactly 1,
    and then they would look like those of a constant network.
    """
    copy = deepcopy(network)
    initialise(copy, np.random.default_rng(0))
    x = torch.randn(shape, generator=torch.Generator())
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        values = torch.cat([copy.train()(scale * x) for scale in (1.0, LARGE)])
    return bool(((values >= 0) & (values <= 1)).all()) and float(values.std()) > 0
