"""Differentiable augmentation: random changes of real and generated images before D."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, section 3.2 "
    "(arXiv:2006.10738)",
    "settings": {
        "color": {"type": "bool", "default": True, "help": "brightness, saturation and contrast"},
        "translation": {
            "type": "float",
            "default": 0.125,
            "min": 0,
            "below": 1,
            "help": "largest shift in each direction, as a share of the image's side; new pixels are black",
        },
        "cutout": {
            "type": "float",
            "default": 0.5,
            "min": 0,
            "below": 1,
            "help": "side of the square that is set to 0 (mid-grey), as a share of the image's side; 0 for none",
        },
    },
    "deviations": [
        "New pixels after a shift are -1 (black in images in [-1, 1]); in the authors' code they are 0.",
    ],
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """{"u": (batch, 7) float32 uniform in [0, 1)}: brightness, saturation, contrast, two shifts, centre of the cut."""
    return {"u": rng.random((batch, 7), dtype=np.float32)}


def view(x: Tensor, draws: Mapping[str, Tensor], progress: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Augment images (B, C, H, W), each by its own random numbers. Differentiable in the images."""
    u = draws["u"]
    if settings["color"]:
        x = _color(x, u[:, :3, None, None, None])
    if settings["translation"]:
        x = _translated(x, u[:, 3:5], settings["translation"])
    if settings["cutout"]:
        x = _cut(x, u[:, 5:7], settings["cutout"])
    return x


def _color(x: Tensor, u: Tensor) -> Tensor:
    """Change brightness, saturation and contrast.

    Brightness: add U(-1/2, 1/2). Saturation: multiply the difference from the grey image by U(0, 2). Contrast: multiply
    the difference from the image's mean by U(1/2, 3/2). Each image has its own three numbers.
    """
    x = x + (u[:, 0] - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    x = (x - grey) * (2 * u[:, 1]) + grey
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return (x - mean) * (u[:, 2] + 0.5) + mean


def _translated(x: Tensor, u: Tensor, share: float) -> Tensor:
    """Shift images by whole pixels, uniform over -s..s with s = round(share * side). Pixels from outside are -1."""
    for axis, column in ((2, 0), (3, 1)):
        side = x.shape[axis]
        most = round(share * side)
        shift = torch.floor(u[:, column] * (2 * most + 1)).long() - most
        source = torch.arange(side, device=x.device) - shift[:, None]
        index = source.clamp(0, side - 1)
        inside = (source >= 0) & (source < side)
        shape = [x.shape[0], 1, side, 1] if axis == 2 else [x.shape[0], 1, 1, side]
        moved = torch.gather(x, axis, index.reshape(shape).expand(x.shape))
        x = torch.where(inside.reshape(shape), moved, -torch.ones_like(moved))
    return x


def _cut(x: Tensor, u: Tensor, share: float) -> Tensor:
    """Set round(share * height) x round(share * width) pixels to 0; a part of this area may be outside the image."""
    height, width = x.shape[2:]
    inside = []
    for column, side in ((0, height), (1, width)):
        length = round(share * side)
        first = torch.floor(u[:, column] * (side + (1 - length % 2))).long() - length // 2
        place = torch.arange(side, device=x.device)
        inside.append((place >= first[:, None]) & (place < first[:, None] + length))
    hole = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(hole, torch.zeros_like(x), x)
