"""Sliced Wasserstein-2 distance: the mean over directions of the squared distance between projections, root taken.

    ( mean over directions t of W2(t . X, t . Y)^2 )^(1/2)

In one dimension the best transport is between sorted values, for any two sizes. Directions are uniform on the sphere,
seeded and the same for all runs; their standard error is `sliced_w2_se`. Small distances in many dimensions:
projections of different laws look alike.
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
        "projections": {"type": "int", "default": 1000, "min": 2, "help": "directions"},
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
    "estimator": "Monte Carlo over seeded directions, each exact; float64",
}

#: Directions that are projected at once.
BLOCK = 64
#: Rows that are widened to float64 at once.
ROWS = 1024


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    directions = unit_vectors(settings["projections"], sets.real.dim, settings["seed"])
    squares = projected(rows_of(sets.real.features, sets.device), rows_of(sets.fake.features, sets.device), directions)
    value = float(squares.mean().sqrt())
    error = float(squares.std()) / len(squares) ** 0.5
    # The root's derivative at the mean.
    return {"sliced_w2": value, "sliced_w2_se": error / (2 * value) if value else 0.0}


def unit_vectors(count: int, dim: int, seed: int) -> np.ndarray:
    """(count, dim) uniform on the sphere."""
    drawn = generator(seed, "evaluation").standard_normal((count, dim))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def projected(real: Tensor, fake: Tensor, directions: np.ndarray, p: int = 2) -> Tensor:
    """(k,) W_p^p of rows (n, D) and (m, D) projected on each of `directions` (k, D); float64."""
    vectors = torch.from_numpy(directions).to(real.device)
    left, right, weights = _couplings(len(real), len(fake), real.device)
    found = []
    for some in vectors.split(BLOCK):
        a, b = (_projections(rows, some).sort(dim=1).values for rows in (real, fake))
        if len(real) != len(fake):
            a, b = a[:, left], b[:, right]
        found.append((a - b).abs().pow(p) @ weights)
    return torch.cat(found)


def _projections(rows: Tensor, vectors: Tensor) -> Tensor:
    """(k, n) float64."""
    return torch.cat([vectors @ part.double().T for part in rows.split(ROWS)], dim=1)


def _couplings(n: int, m: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Which sorted value of each set goes with which of the other, and how much of the mass: steps of both quantile
    functions merged. For n = m each with its like."""
    edges = torch.unique(torch.cat([torch.arange(n + 1) * m, torch.arange(m + 1) * n])).to(device)
    start, mass = edges[:-1], edges.diff()
    left, right = (start // m).clamp(max=n - 1), (start // n).clamp(max=m - 1)
    return left, right, mass.double() / (n * m)
