"""Minibatch discrimination: D's features include how close each image is to the other images of its minibatch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.models._precision import float32
from gan_bench.models._surgery import before_head, head_inputs
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Salimans et al. 2016, Improved Techniques for Training GANs, section 3.2 (arXiv:1606.03498)",
    "settings": {
        "kernels": {
            "type": "int",
            "default": 100,
            "min": 1,
            "max": 10000,
            "help": "number of closeness features",
        },
        "dim": {
            "type": "int",
            "default": 5,
            "min": 1,
            "max": 1000,
            "help": "number of dimensions in which a kernel measures distance",
        },
    },
    "deviations": [
        "As in the authors' code, the sums leave out an image's closeness to itself, which is 1 for each kernel.",
        "T is drawn from N(0, 0.05^2), the distribution of weights in the authors' code for small images. That code "
        "also scales T's columns to a learnt length and adds a learnt bias, -1 at first, to the sums. Like the paper's "
        "formula, this implementation does neither.",
    ],
    "couples_batch": True,
    "excludes": ["minibatch_stddev"],
}


class MinibatchDiscrimination(nn.Module):
    """x (B, F) -> (B, F + kernels).

    The new features are o_b(x_i) = sum over j other than i of exp(-|M_ib - M_jb|_1), where M_i = x_i T.
    """

    def __init__(self, inputs: int, kernels: int, dim: int) -> None:
        super().__init__()
        self.t = nn.Parameter(torch.empty(inputs, kernels, dim))

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw T from N(0, 0.05^2)."""
        with torch.no_grad():
            self.t.copy_(torch.from_numpy(rng.normal(0.0, 0.05, tuple(self.t.shape))))

    def forward(self, x: Tensor) -> Tensor:
        with float32(x) as values:
            rows = torch.einsum("if,fbc->ibc", values, self.t)
            distance = (rows[:, None] - rows[None, :]).abs().sum(dim=3)
            closeness = torch.exp(-distance).sum(dim=1) - 1
        return torch.cat((x, closeness), dim=1)


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Insert the layer before D's head."""
    layer = MinibatchDiscrimination(head_inputs(row), settings["kernels"], settings["dim"])
    return before_head(row, layer, more=settings["kernels"])
