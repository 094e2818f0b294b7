"""Guesses the arguments of a user's network class from the names of its parameters and of the file's variables."""

import argparse
import inspect
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from types import ModuleType
from typing import Any

from torch import nn

#: Names, in lower case, that authors of networks give to the parameters that set sizes.
Z = {"nz", "z_dim", "zdim", "latent_dim", "latent_size", "z_size", "noise_dim", "dim_z", "noise_size", "code_dim"}
CHANNELS = {"nc", "channels", "img_channels", "image_channels", "n_channels", "num_channels", "channels_img", "img_ch"}
SIDE = {"image_size", "img_size", "imsize", "resolution", "size", "img_dim", "im_size", "side", "image_dim"}
SIDE |= {f"{start}{end}" for start in ("img_", "image_", "") for end in ("rows", "cols", "height", "width")}
SHAPE = {"img_shape", "image_shape", "shape", "input_shape", "output_shape"}
NUMBERS = {"n_pixels", "pixels", "img_numel", "image_numel", "x_dim", "data_dim"}
CLASSES = {"n_classes", "num_classes", "classes", "nclass", "n_class", "y_dim", "label_dim"}
INPUTS = {"n_in", "in_dim", "input_dim", "in_features", "input_size", "nin", "inp", "d_in", "in_channels", "inputs"}
OUTPUTS = {"n_out", "out_dim", "output_dim", "out_features", "output_size", "nout", "out", "d_out", "out_channels"}
DEVICES = {"ngpu", "n_gpu", "gpus"}
#: USUAL_Z: lengths of z that are tried last. MOST: largest number of argument sets that are tried.
USUAL_Z, MOST = (100, 128, 64, 32, 16), 400


@dataclass(frozen=True)
class Sizes:
    """The shape (C, H, W) of images, the number of classes that networks read, and the length of z (None = unknown)."""

    shape: tuple[int, int, int]
    classes: int
    z_dim: int | None


def argument_sets(
    module: ModuleType, kind: type, player: str, sizes: Sizes
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the arguments to try for a user's network class `kind`, the most plausible first.

    Each item is a pair: the arguments by name, and new values of variables of the user's file by name.
    """
    parameters = [
        parameter
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    variables = {name: hint for name in vars(module) if (hint := _hint(name, player, sizes)) and name.lower() not in Z}
    choices: list[list[Any]] = []
    for parameter in parameters:
        hint = _hint(parameter.name, player, sizes)
        if parameter.default is not parameter.empty:
            choices.append([parameter.default, *(value for value in hint or () if value != parameter.default)])
        else:
            choices.append(hint or _any(sizes))
    names = [parameter.name for parameter in parameters]
    sets = [dict(zip(names, values, strict=True)) for values in itertools.islice(itertools.product(*choices), MOST)]
    hinted = {name: values[0] for name, values in variables.items()}
    if isinstance(options := getattr(module, "opt", None) or getattr(module, "args", None), argparse.Namespace):
        known = {name: hint[0] for name in vars(options) if (hint := _hint(name, player, sizes)) and name not in Z}
        changed_options = argparse.Namespace(**{**vars(options), **known})
        hinted |= {name: changed_options for name in ("opt", "args") if getattr(module, name, None) is options}
    for changed in ({}, hinted) if hinted else ({},):
        yield from ((arguments, changed) for arguments in sets)


def latent_lengths(module: ModuleType, network: nn.Module, sizes: Sizes) -> list[int]:
    """Lengths of z to try, in this order. If z_dim is set in the settings, it is the only length.

    First come the numbers of inputs of the first two layers with weights. Each such number n is followed by n minus the
    width of each embedding, and by n minus the number of classes. Then come the values of variables of the file whose
    names are in Z, and last the lengths in USUAL_Z.
    """
    if sizes.z_dim is not None:
        return [sizes.z_dim]
    embedded = [layer.embedding_dim for layer in network.modules() if isinstance(layer, nn.Embedding)]
    inputs = [int(n) for layer in network.modules() if (n := _inputs(layer))][:2]
    named = [
        getattr(holder, name)
        for holder in (module, getattr(module, "opt", None))
        for name in Z
        if holder and hasattr(holder, name)
    ]
    lengths = [n - less for n in inputs for less in (0, *embedded, sizes.classes)] + named
    return [n for n in dict.fromkeys([*lengths, *USUAL_Z]) if isinstance(n, int) and n > 0]


def _inputs(layer: nn.Module) -> int | None:
    """Number of inputs of a layer with weights; None for other layers."""
    number = getattr(layer, "in_features", None) or getattr(layer, "in_channels", None)
    return number if isinstance(number, int) else None


def _hint(name: str, player: str, sizes: Sizes) -> list[Any] | None:
    """Plausible values of a parameter with the name `name`; None if the name gives no hint."""
    (channels, side, _), key = sizes.shape, name.lower()
    z, numbers = sizes.z_dim or USUAL_Z[0], prod(sizes.shape)
    meanings: tuple[tuple[set[str], list[Any]], ...] = (
        (Z, [z]),
        (CHANNELS, [channels]),
        (SIDE, [side, numbers] if "dim" in key else [side]),
        (SHAPE, [sizes.shape]),
        (NUMBERS, [numbers]),
        (CLASSES, [sizes.classes] if sizes.classes else []),
        (INPUTS, [z] if player == "generator" else [numbers, channels]),
        (OUTPUTS, [numbers, channels] if player == "generator" else [1]),
        (DEVICES, [0]),
    )
    return next((values for names, values in meanings if key in names and values), None)


def _any(sizes: Sizes) -> list[Any]:
    """Values to try for a parameter whose name gives no hint."""
    return [sizes.z_dim or USUAL_Z[0], prod(sizes.shape), sizes.shape[0], sizes.shape[1], 1, 64, sizes.shape]
