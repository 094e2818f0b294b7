"""Gaussian noise on D's inputs (real and generated images), constant or decreasing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Arjovsky & Bottou 2017, Towards Principled Methods for Training Generative Adversarial Networks, section "
    "3 (arXiv:1701.04862); Sonderby et al. 2017, Amortised MAP Inference for Image Super-resolution, section 3 "
    "(arXiv:1610.04490)",
    "settings": {
        "sd": {
            "type": "float",
            "default": 0.1,
            "min": 0,
            "help": "standard deviation at the start, for pixels in [-1, 1]",
        },
        "decay": {
            "type": "str",
            "default": "linear",
            "choices": ["none", "linear"],
            "help": "none: constant; linear: falls to 0",
        },
        "until": {
            "type": "float",
            "default": 1.0,
            "above": 0,
            "max": 1,
            "help": "share of the training after which a linear decay has reached 0",
        },
    },
    "deviations": ["A penalty is computed at D's inputs, which are the images with noise."],
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """{"noise": N(0, 1) for every value, (batch, C, H, W) float32}."""
    return {"noise": rng.standard_normal((batch, *shape), dtype=np.float32)}


def view(x: Tensor, draws: Mapping[str, Tensor], progress: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """x (B, C, H, W) + sd * noise; with linear decay, sd is multiplied by max(0, 1 - progress / until)."""
    if settings["decay"] == "none":
        return x + settings["sd"] * draws["noise"]
    return x + settings["sd"] * (1 - progress / settings["until"]).clamp(min=0) * draws["noise"]
