"""Blur before each strided convolution of D, to reduce aliasing."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Zhang 2019, Making Convolutional Networks Shift-Invariant Again, section 3.2 (arXiv:1904.11486)",
    "settings": {},
    "deviations": ["The filter is a 3 x 3 mean."],
}


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Insert a 3 x 3 mean before each convolution of stride 2. UserError if D has no such convolution."""

    def change(layer: nn.Module) -> list[nn.Module] | None:
        strided = isinstance(layer, nn.Conv2d) and layer.stride == (2, 2)
        return [nn.AvgPool2d(3, stride=1, padding=1), layer] if strided else None

    return replaced(row, change, "strided convolution")
