"""CMMD: squared maximum mean discrepancy of unit vectors with a wide Gaussian kernel, times 1,000.

    k(x, y) = exp(-|x - y|^2 / (2 sigma^2)),  sigma = 10,  x and y: features divided by their length

The paper uses embeddings of CLIP ViT-L/14 at 336 px. Here the name CMMD means this formula in any feature space; tables
name the feature space.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import distance_blocks, wide

FACTS = {
    "paper": "Jayasumana et al. 2024, Rethinking FID, arXiv:2401.09603, section 4; constants of its code",
    "settings": {
        "sigma": {
            "type": "float",
            "default": 10.0,
            "above": 0,
            "help": "bandwidth of the kernel; features have length 1",
        },
    },
    "deviations": ["the feature space is the run's extractor; theirs is CLIP ViT-L/14 at 336 px"],
    "needs": ["features"],
    "values": {
        "cmmd": {"label": "CMMD", "direction": "lower", "range": [0.0, None], "unit": ""},
    },
    "min_n": 2,
    "estimator": "V-statistic, which includes each row with itself, times 1,000; float64",
}

SCALE = 1000.0


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    real, fake = (wide(points.features, sets.device) for points in (sets.real, sets.fake))
    for which, rows in (("real", real), ("generated", fake)):
        if not rows.any(dim=1).all():
            raise MetricUndefined(f"a {which} row is zero: it has no direction")
    return {"cmmd": cmmd(real, fake, settings["sigma"])}


def cmmd(real: Tensor, fake: Tensor, sigma: float = 10.0) -> float:
    """CMMD of two sets of rows, (n, D) and (m, D). No row may be zero."""
    x, y = (rows / rows.norm(dim=1, keepdim=True) for rows in (real, fake))
    squared = _gap(x, x, sigma) + _gap(y, y, sigma) - 2.0 * _gap(x, y, sigma)
    # The value is the square of a norm. A negative result is a rounding error.
    return max(SCALE * squared, 0.0)


def _gap(x: Tensor, y: Tensor, sigma: float) -> float:
    """Mean of k(x, y) - 1 over all pairs, by expm1: with a wide kernel, k itself is near 1 and would lose digits."""
    total = sum(float(torch.expm1(-block.square() / (2.0 * sigma**2)).sum()) for _, block in distance_blocks(x, y))
    return total / (len(x) * len(y))
