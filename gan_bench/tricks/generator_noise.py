"""Gaussian noise after each hidden activation of G."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from gan_bench.models._random import RandomLayer
from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Zhao et al. 2017, Energy-based Generative Adversarial Network (arXiv:1609.03126), as advice: Chintala et "
    "al. 2016, How to Train a GAN?, item 13 ('adding gaussian noise to every layer of generator')",
    "settings": {
        "sd": {"type": "float", "default": 0.1, "min": 0, "help": "standard deviation"},
        "at_sampling": {"type": "bool", "default": True, "help": "whether images are sampled with noise too"},
    },
    "deviations": [],
}


class NoiseLayer(RandomLayer):
    """x + sd * draw."""

    def __init__(self, sd: float, at_sampling: bool) -> None:
        super().__init__(at_sampling)
        self.sd = sd

    def disturbed(self, x: Tensor, draw: Tensor) -> Tensor:
        return x + self.sd * draw


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Insert noise after each ReLU, LeakyReLU and ELU. UserError if the generator has none of these layers."""

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not isinstance(layer, nn.ReLU | nn.LeakyReLU | nn.ELU):
            return None
        return [layer, NoiseLayer(settings["sd"], settings["at_sampling"])]

    return replaced(row, change, "rectifier among its layers")
