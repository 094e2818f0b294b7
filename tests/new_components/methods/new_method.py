"""Calibration row: the median training image again and again."""

from typing import Any

import numpy as np
import torch

from gan_bench.methods import Program, Setup
from gan_bench.methods._untrained import training_values, untrained

FACTS: dict[str, Any] = {
    "paper": "none: a calibration row",
    "settings": {},
    "deviations": [],
    "uses": [],
    "adversarial": False,
}


def build(setup: Setup) -> Program:
    """Every image is the median of each pixel."""

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        return {"median": training_values(data).median(dim=0).values.reshape(setup.shape)}

    return untrained(
        ("median",),
        fill,
        lambda _rng, n: np.zeros((n, 1), np.float32),
        lambda tensors, z: tensors["median"].expand(z.shape[0], *setup.shape),
    )
