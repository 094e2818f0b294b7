"""Means of each row and each column of the image, in [-1, 1]."""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.features import Features

FACTS = {
    "paper": "none: means of an image along its rows and columns",
    "settings": {},
    "deviations": [],
    "needs_labels": False,
    "probabilities": False,
}


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """This extractor has no weights to fit."""
    return {}, {"n_train": len(data.images("train"))}


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, C * (H + W)) float32 of uint8 images (N, C, H, W)."""
    values = to_unit(images)
    sides = [values.mean(axis=axis).reshape(len(images), -1) for axis in (2, 3)]
    return Features(np.concatenate(sides, axis=1).astype(np.float32))
