"""Shared code of extractors that are networks: initial weights, and a pass over images in batches."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit


def he_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    """Float32 weights from N(0, 2 / fan-in). The fan-in is the number of inputs of one output.

    He et al. 2015, arXiv:1502.01852, eq. 10.
    """
    fan_in = int(np.prod(shape[1:]))
    return torch.from_numpy((rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)).astype(np.float32))


def as_input(images: np.ndarray) -> Tensor:
    """uint8 (N, C, H, W) to float32 in [-1, 1], scaled by `to_unit` like the training images of the GANs."""
    return torch.from_numpy(np.ascontiguousarray(to_unit(images), dtype=np.float32))


def map_batches(images: np.ndarray, batch_size: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """Outputs of `function` for `images` (uint8, N >= 1), without gradients, on `batch_size` images at a time."""
    with torch.no_grad():
        starts = range(0, len(images), batch_size)
        return torch.cat([function(as_input(images[start : start + batch_size])) for start in starts])
