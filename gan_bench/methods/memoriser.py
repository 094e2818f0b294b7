"""Calibration method, without training: copies of training images, as from a generator that memorises."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.game.network import Tensors
from gan_bench.methods._untrained import Untrained, at_random

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row. Memorisation as a failure that scores do not see: Xu et al. 2018, section 4.5 "
    "(arXiv:1806.07755)",
    "settings": {
        "size": {
            "type": "int",
            "default": None,
            "min": 1,
            "nullable": True,
            "unit": "images",
            "help": "number of training images to copy, chosen by the seed; null = all",
        },
    },
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


class Memoriser(Untrained):
    """Training images, sampled with replacement."""

    buffers = ("images",)

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        images = np.array(data.images("train"))
        rows = np.sort(rng.permutation(len(images))[: self.settings["size"]])
        return {"images": torch.from_numpy(images[rows])}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.random((n, 1), dtype=np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        return at_random(tensors["images"], z)


build = Memoriser
