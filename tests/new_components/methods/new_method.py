"""Calibration row: the median training image again and again."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.methods import Setup
from gan_bench.methods._untrained import Untrained, training_values

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row",
    "settings": {},
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


class Median(Untrained):
    """Every image is the median of each pixel."""

    buffers = ("median",)

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        return {"median": training_values(data).median(dim=0).values.reshape(self.shape)}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return np.zeros((n, 1), np.float32)

    def images(self, tensors: Mapping[str, Tensor], z: Tensor) -> Tensor:
        return tensors["median"].expand(z.shape[0], *self.shape)


def build(setup: Setup) -> Median:
    """The calibration row."""
    return Median(setup)
