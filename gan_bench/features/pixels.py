"""The pixels themselves, scaled to [-1, 1] and flattened: no network, no weights.

A shift of an image by one pixel changes its distances to other images a lot. Use this extractor as a baseline and for
tests.
"""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.features import Features

FACTS = {
    "paper": "Xu et al. 2018, arXiv:1806.07755: pixel space as a baseline beside convolutional features",
    "settings": {},
    "deviations": [],
    "needs_labels": False,
    "fitted": False,
    "probabilities": False,
}


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return no weights, because there is nothing to fit."""
    return {}, {"n_train": len(data.images("train"))}


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, C*H*W) float32 in [-1, 1] of uint8 images (N, C, H, W)."""
    return Features(np.ascontiguousarray(to_unit(images).reshape(len(images), -1), dtype=np.float32))
