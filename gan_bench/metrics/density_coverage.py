"""Density and coverage: real balls per generated row, and the share of real balls that contain a generated row.

The ball of a real row reaches to its k-th nearest neighbour among the other real rows. Density is the number of real
balls that contain a generated row, averaged over generated rows and divided by k. It is 1 for equal distributions, and
larger if samples crowd in dense regions. Coverage is the share of real balls that contain at least one generated row.
For equal distributions and n rows in each set, its expectation is 1 - prod_{j <= k} (n - j) / (2 n - j), which is 0.969
for k = 5 and large n. Single generated outliers hardly change the two values.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.pairs import Pairs, Requests, read_pairs
from gan_bench.metrics.pairs.balls import Balls
from gan_bench.metrics.pairs.radii import Radii

FACTS = {
    "paper": "Naeem et al. 2020, arXiv:2002.09797, eq. 3 and 4",
    "settings": {
        "k": {"type": "int", "default": 5, "min": 1, "help": "a ball reaches to the k-th nearest neighbour"},
        "inclusive": {
            "type": "bool",
            "default": False,
            "help": "whether a row exactly on a ball's edge is inside (false in the paper's code); only for ties",
        },
    },
    "deviations": ["the feature space is the run's extractor"],
    "needs": ["features"],
    "values": {
        "density": {"label": "Density", "direction": "higher", "range": [0.0, None], "unit": "", "scale": "identity"},
        "coverage": {"label": "Coverage", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "k-th neighbours among the other real rows, equal sizes; counts exact",
}


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, Balls]:
    radii = request(Radii)
    return {
        "balls": request(Balls, radii=radii, k=settings["k"], inclusive=settings["inclusive"], both=False),
    }


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    if len(sets.real) != len(sets.fake):
        raise MetricUndefined(f"needs as many real as generated rows; there are {len(sets.real)} and {len(sets.fake)}")
    if settings["k"] >= len(sets.real):
        raise MetricUndefined(f"needs more than k = {settings['k']} rows of each set; there are {len(sets.real)}")
    balls = sets.parts["balls"]
    if not settings["inclusive"] and not balls.radii.radius("real", balls.k).any():
        raise MetricUndefined(f"each real row has {balls.k} or more duplicates: all balls have radius 0")
    return _values(balls)


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5, inclusive: bool = False) -> dict[str, float]:
    """Density and coverage of sets (n, D) and (m, D). Unlike in `compute`, n and m may differ."""
    requests = Requests()
    balls = parts(requests, {"k": k, "inclusive": inclusive})["balls"]
    read_pairs(Pairs(rows_of(real), rows_of(fake)), requests.parts)
    return _values(balls)


def _values(balls: Balls) -> dict[str, float]:
    return {
        "density": balls.fake_depth / (balls.k * len(balls.fake_inside)),
        "coverage": float(balls.real_holds.double().mean()),
    }
