"""Spectral normalisation of D: each layer's weight is divided by an estimate of its largest singular value."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models._spectral import Spectral
from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks, equation 8 and Algorithm "
    "1 (arXiv:1802.05957)",
    "settings": {
        "iterations": {
            "type": "int",
            "default": 1,
            "min": 1,
            "max": 100,
            "help": "steps of the power method in each forward pass",
        },
    },
    "deviations": [
        "Each forward pass of a D step updates u, so a D step updates it twice (real and generated images), as in most "
        "implementations. Passes of a penalty and of G's step do not change u.",
        "As in the paper's section 3.1, the weight of a convolution is read as a matrix (outputs, inputs * kernel).",
    ],
    "lipschitz": True,
}


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Normalise every convolution and linear layer, also the head. UserError if there is none."""

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            return None
        return [Spectral(layer, settings["iterations"])]

    return replaced(row, change, "convolution or linear layer")
