"""Images in [0, 1]: G ends in a sigmoid, not in tanh, and D's inputs are in [0, 1], not in [-1, 1]."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, section 5 (arXiv:1406.2661): sigmoid outputs; the advice against it: Radford et "
    "al. 2016, section 4 (arXiv:1511.06434), and Chintala et al. 2016, How to Train a GAN?, item 1",
    "settings": {},
    "deviations": ["As for all models, the stored generator outputs images in [-1, 1]: 2 sigmoid(a) - 1."],
}


class ScaledSigmoid(nn.Module):
    """2 sigmoid(a) - 1."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * torch.sigmoid(x) - 1


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace the final tanh by a sigmoid, scaled to [-1, 1]. UserError for a generator without a final tanh."""
    final = None
    for layer in row:
        if isinstance(layer, nn.Tanh):
            final = layer
        elif next(layer.parameters(), None) is not None:
            final = None
    return replaced(row, lambda layer: [ScaledSigmoid()] if layer is final else None, "tanh at its end")


def view(x: Tensor, draws: Mapping[str, Tensor], progress: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Images (B, C, H, W) scaled to [0, 1]."""
    return (x + 1) / 2
