"""Calibration row: a normal law fitted to the pixels, the best that mean and covariance alone can do."""

from typing import Any

import numpy as np
import torch

from gan_bench.methods import Program, Setup
from gan_bench.methods._untrained import training_values, untrained

FACTS: dict[str, Any] = {
    "paper": "Tipping & Bishop 1999, Probabilistic Principal Component Analysis, JRSS B 61(3): the law is that of the "
    "leading components, without the noise term; as a baseline of generators: Richardson & Weiss 2018 "
    "(arXiv:1805.12462)",
    "settings": {
        "components": {
            "type": "int",
            "default": 100,
            "min": 1,
            "help": "directions of largest variance; at most the number of values in an image",
        },
    },
    "deviations": ["Values outside [-1, 1] are cut."],
    "uses": [],
    "adversarial": False,
}


def build(setup: Setup) -> Program:
    """mean + z times the leading principal axes, each scaled by its standard deviation; z ~ N(0, I)."""
    values = int(np.prod(setup.shape))
    count = min(setup.settings["method"]["components"], values)

    def fill(data: Any, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        x = training_values(data).double()
        mean = x.mean(dim=0)
        covariance = (x - mean).T @ (x - mean) / max(1, len(x) - 1)
        variances, axes = torch.linalg.eigh(covariance)
        scaled = axes * variances.clamp(min=0).sqrt()
        return {"mean": mean.float(), "axes": scaled[:, -count:].flip(1).float()}

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.standard_normal((n, count), dtype=np.float32)

    def images(tensors: Any, z: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = (tensors["mean"] + z @ tensors["axes"].T).clamp(-1, 1)
        return made.reshape(-1, *setup.shape)

    return untrained(("mean", "axes"), fill, draw, images)
