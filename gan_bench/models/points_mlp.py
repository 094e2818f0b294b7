"""Perceptrons for points in the plane: batch norm, ReLU and a linear output in G, maxout units in D."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network
from gan_bench.models._maxout import maxout

FACTS: dict[str, Any] = {
    "paper": "Lin et al. 2018, PacGAN, section 4.1 and the authors' code for 2-D mixtures (arXiv:1712.04086)",
    "settings": {
        "latent_dim": {"type": "int", "default": 2, "min": 1, "help": "length of the noise vector z"},
        "g_widths": {"type": "ints", "default": [400, 400, 400, 400], "min": 1, "help": "hidden units of G"},
        "g_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "none"],
            "help": "normalisation in the generator's hidden layers",
        },
        "d_widths": {"type": "ints", "default": [200, 200, 200], "min": 1, "help": "hidden units of D"},
        "pieces": {"type": "int", "default": 5, "min": 1, "help": "pieces of a maxout unit; 1 for ReLU units"},
    },
    "dense": ["g_widths", "d_widths"],
    "deviations": ["Points are divided by a constant of the data set, so that they are in [-1, 1]."],
    "sizes": [1],
    "channels": [2],
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """G: z -> hidden layers (batch norm, ReLU) -> a point (no tanh).

    D: a point -> maxout layers -> logit. If `pieces` is 1, the layers of D are linear with ReLU.
    """
    z, pieces = settings["latent_dim"], settings["pieces"]

    def generator() -> list[nn.Module]:
        row: list[nn.Module] = []
        for inputs, outputs in pairwise([z, *settings["g_widths"]]):
            row += [nn.Linear(inputs, outputs), *NORMS[settings["g_norm"]](outputs), nn.ReLU()]
        return [*row, nn.Linear(settings["g_widths"][-1], shape[0]), nn.Unflatten(1, shape)]

    def discriminator() -> list[nn.Module]:
        row: list[nn.Module] = [nn.Flatten(1)]
        for inputs, outputs in pairwise([shape[0], *settings["d_widths"]]):
            row += [nn.Linear(inputs, outputs), nn.ReLU()] if pieces == 1 else maxout(inputs, outputs, pieces)
        return [*row, nn.Linear(settings["d_widths"][-1], 1), nn.Flatten(0)]

    return Pair(network(generator, "uniform_fan_in"), network(discriminator, "uniform_fan_in"), z)
