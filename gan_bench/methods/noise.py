"""Calibration row: uniform noise in every pixel, the score of a generator that has learnt nothing."""

from typing import Any

import numpy as np
import torch

from gan_bench.methods import Program, Setup
from gan_bench.methods._untrained import untrained

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row",
    "settings": {},
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


def build(setup: Setup) -> Program:
    """Pixels independent and uniform in [-1, 1); z holds them."""

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.random((n, *setup.shape), dtype=np.float32)

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        return {"range": torch.tensor([-1.0, 1.0])}

    return untrained(("range",), fill, draw, lambda tensors, z: tensors["range"][0] + 2 * z)
