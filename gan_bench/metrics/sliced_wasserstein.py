"""Sliced Wasserstein-2 distance: the root of the mean squared W2 between one-dimensional projections.

    ( mean over directions t of W2(t . X, t . Y)^2 )^(1/2)

In one dimension, the optimal coupling pairs the sorted values of the two sets, which may differ in size. The directions
are seeded, uniform on the sphere, and the same for all runs. `sliced_w2_se` is the standard error over directions. In
many dimensions the distance is small even for different distributions, because their projections look alike.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import Sets
from gan_bench.metrics._tensors import rows_of
from gan_bench.seeds import generator

FACTS = {
    "paper": "Rabin et al. 2011, SSVM, doi:10.1007/978-3-642-24785-9_37; Bonneel et al. 2015, JMIV 51:22",
    "settings": {
        "projections": {"type": "int", "default": 1000, "min": 2, "help": "number of directions"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the directions"},
    },
    "deviations": [],
    "needs": ["features"],
    "values": {
        "sliced_w2": {"label": "Sliced Wasserstein-2", "direction": "lower", "range": [0.0, None], "unit": ""},
        "sliced_w2_se": {
            "label": "Sliced Wasserstein-2, standard error",
            "direction": "none",
            "range": [0.0, None],
            "unit": "",
        },
    },
    "min_n": 2,
    "estimator": "mean over seeded random directions; exact in each direction; float64",
}

#: Number of directions projected at a time.
DIRECTIONS_AT_ONCE = 64
#: Number of rows converted to float64 at a time.
ROWS_AT_ONCE = 1024


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    directions = unit_vectors(settings["projections"], sets.real.dim, settings["seed"])
    squares = projected(rows_of(sets.real.features, sets.device), rows_of(sets.fake.features, sets.device), directions)
    value = float(squares.mean().sqrt())
    error = float(squares.std()) / len(squares) ** 0.5
    # Delta method: the error of the mean square is multiplied by the derivative of the root at the mean square.
    return {"sliced_w2": value, "sliced_w2_se": error / (2 * value) if value else 0.0}


def unit_vectors(count: int, dim: int, seed: int) -> np.ndarray:
    """(count, dim) unit vectors, uniform on the sphere."""
    drawn = generator(seed, "evaluation").standard_normal((count, dim))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def projected(real: Tensor, fake: Tensor, directions: np.ndarray, p: int = 2) -> Tensor:
    """(k,) W_p^p between projections of rows (n, D) and (m, D) on each of `directions` (k, D); float64."""
    vectors = torch.from_numpy(directions).to(real.device)
    left, right, weights = _optimal_coupling(len(real), len(fake), real.device)
    distances = []
    for batch in vectors.split(DIRECTIONS_AT_ONCE):
        a, b = (_projections(rows, batch).sort(dim=1).values for rows in (real, fake))
        if len(real) != len(fake):
            a, b = a[:, left], b[:, right]
        distances.append((a - b).abs().pow(p) @ weights)
    return torch.cat(distances)


def _projections(rows: Tensor, vectors: Tensor) -> Tensor:
    """(k, n) projections, float64."""
    return torch.cat([vectors @ part.double().T for part in rows.split(ROWS_AT_ONCE)], dim=1)


def _optimal_coupling(n: int, m: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Positions of the paired sorted values in both sets, and the mass of each pair.

    There is one pair for each interval on which both quantile functions are constant.
    """
    edges = torch.unique(torch.cat([torch.arange(n + 1) * m, torch.arange(m + 1) * n])).to(device)
    start, mass = edges[:-1], edges.diff()
    left, right = (start // m).clamp(max=n - 1), (start // n).clamp(max=m - 1)
    return left, right, mass.double() / (n * m)
