"""Minibatch standard deviation: D's features include how much the images of its minibatch differ."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.models._precision import float32
from gan_bench.models._surgery import before_head
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Karras et al. 2018, Progressive Growing of GANs for Improved Quality, Stability, and Variation, section "
    "3 (arXiv:1710.10196)",
    "settings": {},
    "deviations": [
        "One number, computed from the whole minibatch, is appended to the inputs of D's last layer. The paper appends "
        "a constant feature map, and the authors' code uses groups of 4 images.",
    ],
    "couples_batch": True,
    "excludes": ["minibatch_discrimination"],
}


class MinibatchStddev(nn.Module):
    """x (B, F) -> (B, F + 1). The new number is the same in all rows.

    It is the mean, over all features, of each feature's standard deviation over the minibatch.
    """

    def forward(self, x: Tensor) -> Tensor:
        # As in the authors' code, 1e-8 keeps the root's gradient finite if all images are equal.
        with float32(x) as values:
            spread = torch.sqrt(values.var(dim=0, correction=0) + 1e-8).mean()
        return torch.cat((x, spread.expand(x.shape[0], 1)), dim=1)


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Insert the layer before D's head."""
    return before_head(row, MinibatchStddev(), more=1)
