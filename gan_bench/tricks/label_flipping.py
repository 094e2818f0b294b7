"""Label flipping: with a small probability, D gets the target of a generated image for a real image, or vice versa."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN?, item 6 ('occasionally flip the labels'); label noise: "
    "Arjovsky & Bottou 2017 discuss noise for D (arXiv:1701.04862)",
    "settings": {
        "p": {"type": "float", "default": 0.05, "min": 0, "max": 0.5, "help": "probability for each image"},
    },
    "deviations": [],
    "mean_targets": {"real": {"1": 1, "p": -1}, "fake": {"p": 1}},
    "separable_loss": True,
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """One u ~ U[0, 1) for each of `batch` outputs: {"u": (batch,) float32}."""
    return {"u": rng.random(batch, dtype=np.float32)}


def targets(t: Tensor, draws: Mapping[str, Tensor], real: bool, settings: Mapping[str, Any]) -> Tensor:
    """Targets (B,): 1 - t where u < p, else t."""
    return torch.where(draws["u"] < settings["p"], 1 - t, t)
