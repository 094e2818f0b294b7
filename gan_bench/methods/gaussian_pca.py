"""Calibration method, without training: a normal distribution with mean and principal axes of the training images."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.game.network import Tensors
from gan_bench.methods import Setup
from gan_bench.methods._untrained import Untrained, training_values

FACTS: dict[str, Any] = {
    "paper": "Tipping & Bishop 1999, Probabilistic Principal Component Analysis, JRSS B 61(3): the distribution of the "
    "leading components, without the noise term; as a baseline of generators: Richardson & Weiss 2018 "
    "(arXiv:1805.12462)",
    "settings": {
        "components": {
            "type": "int",
            "default": 100,
            "min": 1,
            "help": "number of directions of largest variance; at most the number of values in an image",
        },
    },
    "deviations": ["Values outside [-1, 1] are clipped."],
    "uses": [],
    "adversarial": False,
}


class GaussianPca(Untrained):
    """mean + z times the leading principal axes, each scaled by its standard deviation; z ~ N(0, I)."""

    buffers = ("mean", "axes")

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.count = min(self.settings["components"], int(np.prod(self.shape)))

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        x = training_values(data).double()
        mean = x.mean(dim=0)
        covariance = (x - mean).T @ (x - mean) / max(1, len(x) - 1)
        variances, axes = torch.linalg.eigh(covariance)
        scaled = axes * variances.clamp(min=0).sqrt()
        return {"mean": mean.float(), "axes": scaled[:, -self.count :].flip(1).float()}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.standard_normal((n, self.count), dtype=np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        pixels = (tensors["mean"] + z @ tensors["axes"].T).clamp(-1, 1)
        return pixels.reshape(-1, *self.shape)


build = GaussianPca
