"""Calibration method, without training: every sample is the mean training image, a complete collapse."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.game.network import Tensors
from gan_bench.methods._untrained import Untrained, training_values

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row",
    "settings": {},
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


class MeanImage(Untrained):
    """Every image is the mean of the training images; z is not used."""

    buffers = ("mean",)

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        return {"mean": training_values(data).double().mean(dim=0).float().reshape(self.shape)}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return np.zeros((n, 1), np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        return tensors["mean"].expand(z.shape[0], *self.shape)


build = MeanImage
