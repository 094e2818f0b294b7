"""Calibration row: the mean training image again and again, the score of a generator collapsed to one picture."""

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
    """Every image is the mean; z holds nothing."""

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        return {"mean": training_values(data).double().mean(dim=0).float().reshape(setup.shape)}

    return untrained(
        ("mean",),
        fill,
        lambda _rng, n: np.zeros((n, 1), np.float32),
        lambda tensors, z: tensors["mean"].expand(z.shape[0], *setup.shape),
    )
