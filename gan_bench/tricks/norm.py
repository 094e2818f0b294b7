"""Replace or remove the normalisation layers of either network."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from gan_bench.errors import UserError
from gan_bench.models._blocks import NORMS, BatchNorm
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Ioffe & Szegedy 2015 (arXiv:1502.03167); Ba et al. 2016 (arXiv:1607.06450); Ulyanov et al. 2016 "
    "(arXiv:1607.08022)",
    "settings": {
        "g": {
            "type": "str",
            "default": "keep",
            "choices": ["keep", "batch", "layer", "instance", "none"],
            "help": "normalisation in the generator",
        },
        "d": {
            "type": "str",
            "default": "keep",
            "choices": ["keep", "batch", "layer", "instance", "none"],
            "help": "normalisation in the discriminator",
        },
    },
    "deviations": [
        "If the normalisation after a layer is removed, the layer gets a bias, which replaces the shift.",
        "Layer and instance norm have a gain and a shift for each channel.",
    ],
    "couples_batch": {"d": ["batch"]},
    "uncouples_batch": {"d": ["layer", "instance", "none"]},
}


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace the generator's normalisation layers, unless `g` is "keep". UserError if there are none to replace."""
    return _replace_norm(row, settings["g"], "generator")


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace the discriminator's normalisation layers, unless `d` is "keep". UserError if there are none."""
    return _replace_norm(row, settings["d"], "discriminator")


def _replace_norm(row: list[nn.Module], kind: str, network: str) -> list[nn.Module]:
    if kind == "keep":
        return row
    if all(_channels(part) is None for layer in row for part in layer.modules()):
        raise UserError(f"trick 'norm': the {network} has no normalisation to replace; take the trick out.")
    return _changed_row(row, kind)


def _changed_row(row: list[nn.Module], kind: str) -> list[nn.Module]:
    changed: list[nn.Module] = []
    for layer in row:
        channels = _channels(layer)
        if channels is None:
            _change_inside(layer, kind)
            changed.append(layer)
            continue
        if kind == "none":
            _give_bias(changed)
        changed += _norm_layers(kind, channels, flat=_is_flat(changed))
    return changed


def _change_inside(layer: nn.Module, kind: str) -> None:
    """Replace normalisation layers inside the nn.Sequential parts of `layer`, in place.

    UserError if the layer has normalisation outside an nn.Sequential.
    """
    if isinstance(layer, nn.Sequential):
        parts = _changed_row(list(layer), kind)
        del layer[:]
        layer.extend(parts)
        return
    for child in layer.children():
        if _channels(child) is not None:
            raise UserError(
                f"trick 'norm': {type(layer).__name__} has a normalisation outside an nn.Sequential, which cannot be "
                "replaced; choose another model."
            )
        _change_inside(child, kind)


def _channels(layer: nn.Module) -> int | None:
    """Number of channels of a normalisation layer; None for any other layer."""
    if isinstance(layer, BatchNorm):
        return int(layer.weight.shape[0])
    if isinstance(layer, nn.GroupNorm):
        return int(layer.num_channels)
    if isinstance(layer, nn.LayerNorm):
        return int(layer.normalized_shape[0])
    return int(layer.num_features) if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.InstanceNorm2d) else None


def _is_flat(before: list[nn.Module]) -> bool:
    """Whether the output of the layers `before` is (B, C), not feature maps."""
    for layer in reversed(before):
        if isinstance(layer, nn.Linear | nn.Flatten):
            return True
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Unflatten):
            return False
    return False


def _norm_layers(kind: str, channels: int, *, flat: bool) -> list[nn.Module]:
    if kind == "instance" and flat:
        raise UserError(
            "trick 'norm': instance norm needs feature maps, but a layer of this network has flat outputs; choose "
            "layer norm."
        )
    return NORMS[kind](channels)


def _give_bias(row: list[nn.Module]) -> None:
    """Add a bias to the last linear layer or convolution if it has none."""
    layer = next((part for part in reversed(row) if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)), None)
    if layer is not None and layer.bias is None:
        outputs = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
        layer.bias = nn.Parameter(torch.empty(outputs))
