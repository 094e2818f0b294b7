"""Horizontal flips of the real images: an augmentation for images whose mirror images are equally plausible."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "common practice, as in Karras et al. 2018, Progressive Growing of GANs, appendix A (arXiv:1710.10196)",
    "settings": {
        "p": {"type": "float", "default": 0.5, "min": 0, "max": 1, "help": "probability for each real image"},
    },
    "deviations": ["Do not use it for digits and letters: the generator would learn their mirror images."],
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """One u ~ U[0, 1) for each image: {"u": (batch, 1, 1, 1) float32}."""
    return {"u": rng.random((batch, 1, 1, 1), dtype=np.float32)}


def real(x: Tensor, draws: Mapping[str, Tensor], settings: Mapping[str, Any]) -> Tensor:
    """Real images (B, C, H, W), mirrored left to right where u < p."""
    return torch.where(draws["u"] < settings["p"], x.flip(3), x)
