"""Multilayer perceptrons as in the sunflower experiment (64 x 64 grey photographs); any image shape."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, section 5 (arXiv:1406.2661): multilayer "
    "perceptrons; widths and layers of the sunflower experiment (64 x 64 grey photographs)",
    "settings": {
        "latent_dim": {"type": "int", "default": 100, "min": 1, "help": "length of the noise vector z"},
        "g_widths": {
            "type": "ints",
            "default": [128, 256, 512, 1024],
            "min": 1,
            "help": "hidden units of the generator, from z to the image",
        },
        "d_widths": {
            "type": "ints",
            "default": [1024, 256],
            "min": 1,
            "help": "hidden units of the discriminator, from the image to the logit",
        },
        "g_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "none"],
            "help": "normalisation in all hidden layers of the generator except the first",
        },
        "init": {
            "type": "str",
            "default": "uniform_fan_in",
            "choices": ["uniform_fan_in", "normal_001"],
            "help": "initial weights: uniform_fan_in is U(-1/sqrt(n), 1/sqrt(n)) with n the inputs of a layer, as in "
            "PyTorch; normal_001 is N(0, 0.01^2) with biases 0, as in the sunflower experiment's framework",
        },
    },
    "dense": ["g_widths", "d_widths"],
    "deviations": [
        "The discriminator returns the logit and the loss applies the sigmoid: the same function, but numerically "
        "stable for large logits.",
        "LeakyReLU, ReLU and tanh are those of the sunflower experiment; the perceptrons of the 2014 paper had maxout "
        "units and dropout in the discriminator, and rectifiers and sigmoids in the generator.",
    ],
    "sizes": None,
    "channels": None,
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Perceptrons for images of `shape`.

    With the default widths:
    G: z -> 128 (ReLU) -> 256, 512, 1024 (batch norm, ReLU) -> C*H*W (tanh).
    D: C*H*W -> 1024, 256 (LeakyReLU 0.2) -> logit.
    """
    latent_dim = settings["latent_dim"]
    g_widths, d_widths = [latent_dim, *settings["g_widths"]], [math.prod(shape), *settings["d_widths"]]
    return Pair(
        network(lambda: _generator(g_widths, shape, settings["g_norm"]), settings["init"]),
        network(lambda: _discriminator(d_widths), settings["init"]),
        latent_dim,
    )


def _generator(widths: list[int], shape: tuple[int, int, int], norm: str) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise(widths)):
        layers += [nn.Linear(inputs, outputs), *NORMS[norm if number > 0 else "none"](outputs), nn.ReLU()]
    return [*layers, nn.Linear(widths[-1], math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)]


def _discriminator(widths: list[int]) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Flatten(1)]
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    return [*layers, nn.Linear(widths[-1], 1), nn.Flatten(0)]
