"""Normalisation layers of either network exchanged for another kind, or taken out."""

from collections.abc import Mapping
from typing import Any

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
        "A layer that loses its normalisation gains a bias in the place of the shift that goes with it.",
        "Layer and instance norm have a gain and a shift for each channel.",
    ],
    "couples_batch": {"d": ["batch"]},
    "uncouples_batch": {"d": ["layer", "instance", "none"]},
}


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """The generator's layers with its normalisation exchanged. UserError where it has none."""
    return _exchanged(row, settings["g"], "generator")


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """The discriminator's layers with its normalisation exchanged. UserError where it has none."""
    return _exchanged(row, settings["d"], "discriminator")


def _exchanged(row: list[nn.Module], kind: str, network: str) -> list[nn.Module]:
    if kind == "keep":
        return row
    channels = {i: _channels(layer) for i, layer in enumerate(row)}
    if all(count is None for count in channels.values()):
        raise UserError(f"trick 'norm': the {network} has no normalisation to exchange; take the trick out.")
    changed: list[nn.Module] = []
    for i, layer in enumerate(row):
        count = channels[i]
        if count is None:
            changed.append(layer)
            continue
        if kind == "none":
            _give_bias(changed)
        changed += _made(kind, count, flat=_is_flat(changed))
    return changed


def _channels(layer: nn.Module) -> int | None:
    if isinstance(layer, BatchNorm):
        return int(layer.weight.shape[0])
    return int(layer.num_channels) if isinstance(layer, nn.GroupNorm) else None


def _is_flat(before: list[nn.Module]) -> bool:
    """Whether what comes before gives (B, C) rather than maps."""
    for layer in reversed(before):
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Unflatten):
            return isinstance(layer, nn.Linear)
    return False


def _made(kind: str, channels: int, *, flat: bool) -> list[nn.Module]:
    if kind == "instance" and flat:
        raise UserError("trick 'norm': instance norm needs maps, and a layer of this network is flat; choose layer.")
    return NORMS[kind](channels)


def _give_bias(row: list[nn.Module]) -> None:
    """The last linear layer or convolution of the row gains a bias if it has none."""
    at = max(i for i, layer in enumerate(row) if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d))
    layer = row[at]
    if layer.bias is not None:
        return
    if isinstance(layer, nn.Linear):
        row[at] = nn.Linear(layer.in_features, layer.out_features)
    else:
        assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
        size, stride, padding = layer.kernel_size, layer.stride, layer.padding
        row[at] = type(layer)(layer.in_channels, layer.out_channels, size, stride, padding)  # type: ignore[arg-type]
