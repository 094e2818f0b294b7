"""Calibration row: copies of training images, what a generator scores that learnt its data by heart."""

from typing import Any

import numpy as np
import torch

from gan_bench.methods import Program, Setup
from gan_bench.methods._untrained import at_random, untrained

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
            "help": "training images that it knows, chosen by the seed; null = all",
        },
    },
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


def build(setup: Setup) -> Program:
    """Training images drawn with replacement."""
    size = setup.settings["method"]["size"]

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        images = np.array(data.images("train"))
        known = np.sort(rng.permutation(len(images))[:size])
        return {"images": torch.from_numpy(images[known])}

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.random((n, 1), dtype=np.float32)

    return untrained(("images",), fill, draw, lambda tensors, z: at_random(tensors["images"], z))
