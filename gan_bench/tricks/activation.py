"""Hidden activations of either network: ReLU or LeakyReLU."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Radford et al. 2016, section 3 (arXiv:1511.06434): ReLU in G, LeakyReLU in D; Chintala et al. 2016, How "
    "to Train a GAN?, item 5 ('avoid sparse gradients: ReLU, MaxPool')",
    "settings": {
        "g": {
            "type": "str",
            "default": "keep",
            "choices": ["keep", "relu", "leaky_relu"],
            "help": "hidden activations of the generator",
        },
        "d": {
            "type": "str",
            "default": "keep",
            "choices": ["keep", "relu", "leaky_relu"],
            "help": "hidden activations of the discriminator",
        },
        "slope": {"type": "float", "default": 0.2, "min": 0, "below": 1, "help": "slope of LeakyReLU below 0"},
    },
    "deviations": [],
}


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace each ReLU, LeakyReLU and ELU of the generator, unless `g` is "keep". UserError if it has none."""
    return _replace_activations(row, settings["g"], settings["slope"])


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace each ReLU, LeakyReLU and ELU of the discriminator, unless `d` is "keep". UserError if it has none."""
    return _replace_activations(row, settings["d"], settings["slope"])


def _replace_activations(row: list[nn.Module], kind: str, slope: float) -> list[nn.Module]:
    if kind == "keep":
        return row

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not isinstance(layer, nn.ReLU | nn.LeakyReLU | nn.ELU):
            return None
        return [nn.ReLU() if kind == "relu" else nn.LeakyReLU(slope)]

    return replaced(row, change, "rectifier among its layers")
