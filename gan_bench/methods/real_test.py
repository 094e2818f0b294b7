"""Calibration method, without training: real test images in place of samples, as from a perfect generator."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.game.network import Tensors
from gan_bench.methods._untrained import Untrained, draw_in_turn, in_turn

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row. Real images as a reference point: Xu et al. 2018, section 3 (arXiv:1806.07755)",
    "settings": {},
    "deviations": [
        "If scores use the test split, a seeded permutation divides it into two halves: one takes the place of "
        "samples, and the other is the real side. Each side then has at most half of the split.",
    ],
    "uses": [],
    "adversarial": False,
    "deals": "test",
}


class RealTest(Untrained):
    """Test images in a random order. No image is repeated before all have been used."""

    buffers = ("images",)

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        images = np.array(data.images("test"))
        return {"images": torch.from_numpy(images[rng.permutation(len(images))])}

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return draw_in_turn(rng, n)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        return in_turn(tensors["images"], z)


build = RealTest
