"""The multilayer perceptrons of the original GAN: rectifiers in G, maxout units in D; any image shape."""

import math
from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network
from gan_bench.models._maxout import maxout

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, section 5 (arXiv:1406.2661); sizes of the "
    "authors' code for MNIST (goodfeli/adversarial, mnist.yaml)",
    "settings": {
        "latent_dim": {"type": "int", "default": 100, "min": 1, "help": "length of the noise vector z"},
        "g_width": {"type": "int", "default": 1200, "min": 1, "help": "units of each of G's two hidden layers"},
        "d_width": {"type": "int", "default": 240, "min": 1, "help": "maxout units of each of D's two hidden layers"},
        "g_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "none"],
            "help": "normalisation in the generator's hidden layers; the paper has none",
        },
        "pieces": {"type": "int", "default": 5, "min": 1, "help": "pieces of a maxout unit"},
    },
    "deviations": [
        "By default G has batch norm, and D has no dropout; the authors' code drops 0.2 of D's input and 0.5 of its "
        "hidden units and has no batch norm. Without batch norm and dropout, G collapses to one image within a few "
        "hundred steps of Adam. g_norm: none gives the paper's layers.",
        "Images are in [-1, 1], so G ends in tanh, a scaled sigmoid; D returns the logit.",
        "Initial weights have PyTorch's default distribution; in the authors' code they are U(-0.05, 0.05) in G and "
        "U(-0.005, 0.005) in D.",
        "Initial biases of G's output have PyTorch's default distribution; in the authors' code they are the log-odds "
        "of each pixel's mean over the training images.",
    ],
    "sizes": None,
    "channels": None,
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Perceptrons with two hidden layers each.

    With the default settings:
    G: z -> 1200 -> 1200 (batch norm, ReLU) -> C*H*W (tanh). D: C*H*W -> 240 -> 240 (maxout of 5) -> logit.
    """
    pixels, z, g, d = math.prod(shape), settings["latent_dim"], settings["g_width"], settings["d_width"]
    pieces = settings["pieces"]

    def generator() -> list[nn.Module]:
        norm = NORMS[settings["g_norm"]]
        hidden = [nn.Linear(z, g), *norm(g), nn.ReLU(), nn.Linear(g, g), *norm(g), nn.ReLU()]
        return [*hidden, nn.Linear(g, pixels), nn.Tanh(), nn.Unflatten(1, shape)]

    def discriminator() -> list[nn.Module]:
        hidden = [*maxout(pixels, d, pieces), *maxout(d, d, pieces)]
        return [nn.Flatten(1), *hidden, nn.Linear(d, 1), nn.Flatten(0)]

    return Pair(network(generator, "uniform_fan_in"), network(discriminator, "uniform_fan_in"), z)
