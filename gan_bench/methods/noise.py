"""Calibration method, without training: uniform noise in every pixel, the result of learning nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.game.network import Tensors
from gan_bench.methods._untrained import Untrained

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row",
    "settings": {},
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


class Noise(Untrained):
    """Independent pixels, uniform in [-1, 1): 2 z - 1."""

    buffers = ("range",)

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        return {"range": torch.tensor([-1.0, 1.0])}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.random((n, *self.shape), dtype=np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        return tensors["range"][0] + 2 * z


build = Noise
