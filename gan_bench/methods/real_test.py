"""Calibration row: held-out real images in the place of generated ones, what a perfect generator would score."""

from typing import Any

import numpy as np
import torch

from gan_bench.methods import Program, Setup
from gan_bench.methods._untrained import dealt_in_turn, in_turn, untrained

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row. Real images as a reference point: Xu et al. 2018, section 3 (arXiv:1806.07755)",
    "settings": {},
    "deviations": [
        "Where the scored split is the test split it is cut in two by a fixed permutation, one half dealt and "
        "the other "
        "compared with: both counts are then at most half of the split.",
    ],
    "uses": [],
    "adversarial": False,
    "deals": "test",
}


def build(setup: Setup) -> Program:
    """Test images in a seeded order, none dealt twice before all have been."""

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        images = np.array(data.images("test"))
        return {"images": torch.from_numpy(images[rng.permutation(len(images))])}

    return untrained(("images",), fill, dealt_in_turn, lambda tensors, z: in_turn(tensors["images"], z))
