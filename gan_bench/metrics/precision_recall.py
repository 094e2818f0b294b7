"""Improved precision and recall: the share of each set that is in balls around the rows of the other set.

The ball of a row reaches to its k-th nearest neighbour among the other rows of its set. Precision is the share of
generated rows in at least one real ball (fidelity). Recall is the share of real rows in at least one generated ball
(diversity). Even for equal distributions, the two values are usually below 1. With k = 3 and 1,000 rows of 64 Gaussian
features, they are about 0.6 if the features are independent and about 0.88 if they are strongly correlated. Outliers
distort the values: a real outlier has a large ball, in which even poor samples may be, and generated outliers raise
recall. Single generated outliers hardly change the values of the family density_coverage.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.pairs import Pairs, Requests, read_pairs
from gan_bench.metrics.pairs.balls import Balls
from gan_bench.metrics.pairs.radii import Radii

FACTS = {
    "paper": "Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 1 and 2",
    "settings": {
        "k": {"type": "int", "default": 3, "min": 1, "help": "a ball reaches to the k-th nearest neighbour"},
        "inclusive": {
            "type": "bool",
            "default": True,
            "help": "whether a row exactly on a ball's edge is inside (true in the paper's code, false in prdc)",
        },
    },
    "deviations": ["the feature space is the run's extractor; the paper's is VGG-16's second fully connected layer"],
    "needs": ["features"],
    "values": {
        "precision": {"label": "Precision", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
        "recall": {"label": "Recall", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "k-th neighbours among the other rows of a set, equal sizes; counts exact",
}


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, Balls]:
    radii = request(Radii)
    return {
        "balls": request(Balls, radii=radii, k=settings["k"], inclusive=settings["inclusive"], both=True),
    }


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    if len(sets.real) != len(sets.fake):
        raise MetricUndefined(f"needs as many real as generated rows; there are {len(sets.real)} and {len(sets.fake)}")
    if settings["k"] >= len(sets.real):
        raise MetricUndefined(f"needs more than k = {settings['k']} rows of each set; there are {len(sets.real)}")
    return _values(sets.parts["balls"])


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3, inclusive: bool = True) -> dict[str, float]:
    """Precision and recall of sets (n, D) and (m, D). Unlike in `compute`, n and m may differ."""
    requests = Requests()
    balls = parts(requests, {"k": k, "inclusive": inclusive})["balls"]
    read_pairs(Pairs(rows_of(real), rows_of(fake)), requests.parts)
    return _values(balls)


def _values(balls: Balls) -> dict[str, float]:
    return {
        "precision": float(balls.fake_inside.double().mean()),
        "recall": float(balls.real_inside.double().mean()),
    }
