"""The perceptrons of the original conditional GAN: a hidden layer for each of two inputs, then a joint hidden layer."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network
from gan_bench.models._maxout import maxout

FACTS: dict[str, Any] = {
    "paper": "Mirza & Osindero 2014, Conditional Generative Adversarial Nets, section 4.1 (arXiv:1411.1784)",
    "settings": {
        "latent_dim": {"type": "int", "default": 100, "min": 1, "help": "length of the noise vector z"},
        "scale": {
            "type": "float",
            "default": 1.0,
            "above": 0,
            "max": 4,
            "help": "factor of the number of hidden units in all layers; the paper's is 1",
        },
        "g_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "none"],
            "help": "normalisation in the generator's hidden layers; the paper has none",
        },
    },
    "deviations": [
        "By default G has batch norm, and D has no dropout; the paper has dropout 0.5 in both networks and no batch "
        "norm. Without batch norm and dropout, G collapses to one image within a few hundred steps of Adam. "
        "g_norm: none gives the paper's layers.",
        "Images are in [-1, 1], so G ends in tanh, a scaled sigmoid; D returns the logit.",
    ],
    "sizes": None,
    "channels": None,
    "critic_batch_coupled": {},
    "conditional": True,
}


class Branches(nn.Module):
    """Apply `first` to the first `split` columns of x, `second` to the others, and concatenate the outputs."""

    def __init__(self, split: int, first: list[nn.Module], second: list[nn.Module]) -> None:
        super().__init__()
        self.split, self.first, self.second = split, nn.Sequential(*first), nn.Sequential(*second)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.first(x[:, : self.split]), self.second(x[:, self.split :])), dim=1)


class ImageThenClass(nn.Module):
    """(B, C + K, H, W) -> (B, C*H*W + K): all pixels, then one value of each of the K constant class planes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((x[:, : self.channels].flatten(1), x[:, self.channels :, 0, 0]), dim=1)


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Perceptrons whose first hidden layer has one part for z or the image, and one part for the class.

    With the default settings:
    G: z -> 200, class -> 1000, joint -> 1200 (each with batch norm and ReLU) -> C*H*W (tanh).
    D: image -> 240 maxout of 5, class -> 50 maxout of 5, joint -> 240 maxout of 4 -> logit.

    `settings["classes"]` is the number of classes K. G reads a one-hot class as K columns after z. D reads the class as
    K constant planes after the image.
    """
    pixels, z, k = math.prod(shape), settings["latent_dim"], settings["classes"]

    def units(count: int) -> int:
        return max(1, round(count * settings["scale"]))

    def hidden(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Linear(inputs, outputs), *NORMS[settings["g_norm"]](outputs), nn.ReLU()]

    def generator() -> list[nn.Module]:
        noise, label = hidden(z, units(200)), hidden(k, units(1000))
        joint = hidden(units(200) + units(1000), units(1200))
        return [Branches(z, noise, label), *joint, nn.Linear(units(1200), pixels), nn.Tanh(), nn.Unflatten(1, shape)]

    def discriminator() -> list[nn.Module]:
        image, label = maxout(pixels, units(240), 5), maxout(k, units(50), 5)
        joint = maxout(units(240) + units(50), units(240), 4)
        rest = [*joint, nn.Linear(units(240), 1), nn.Flatten(0)]
        return [ImageThenClass(shape[0]), Branches(pixels, image, label), *rest]

    return Pair(network(generator, "uniform_fan_in"), network(discriminator, "uniform_fan_in"), z)
