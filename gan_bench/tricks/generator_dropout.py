"""Dropout in G, in training and optionally also when samples are drawn."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.models._random import RandomLayer
from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks, section 3.2 "
    "(arXiv:1611.07004); as advice: Chintala et al. 2016, How to Train a GAN?, item 17",
    "settings": {
        "p": {"type": "float", "default": 0.5, "min": 0, "below": 1, "help": "probability that a unit is dropped"},
        "at_sampling": {"type": "bool", "default": True, "help": "whether images are sampled with dropout too"},
    },
    "deviations": ["Units of feature maps are dropped independently, not whole channels."],
}


class Dropout(RandomLayer):
    """Units whose random number is below the p-quantile of N(0, 1) are 0; other units are multiplied by 1 / (1 - p)."""

    def __init__(self, p: float, at_sampling: bool) -> None:
        super().__init__(at_sampling)
        self.p = p

    def disturbed(self, x: Tensor, draw: Tensor) -> Tensor:
        kept = torch.special.ndtr(draw) >= self.p
        return torch.where(kept, x / (1 - self.p), torch.zeros_like(x))


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Insert dropout after each ReLU, LeakyReLU and ELU. UserError if the generator has none of these layers."""

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not isinstance(layer, nn.ReLU | nn.LeakyReLU | nn.ELU):
            return None
        return [layer, Dropout(settings["p"], settings["at_sampling"])]

    return replaced(row, change, "rectifier among its layers")
