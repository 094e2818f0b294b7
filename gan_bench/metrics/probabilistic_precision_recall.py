"""Probabilistic precision and recall: the probability that a row is in the support of the other set.

All balls of a set have the same radius R, so outliers have no larger balls. R is `a` times the mean distance of the
set's rows to their k-th nearest neighbours. A row at distance d_i from the centre of ball i is in this ball with
probability p_i = max(0, 1 - d_i / R). It is in the support of the set with probability 1 - prod_i (1 - p_i).
P-precision is the mean probability that a generated row is in the support of the real set. P-recall is the mean
probability that a real row is in the support of the generated set.
"""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import distance_blocks, kth_neighbour, wide

FACTS = {
    "paper": "Park and Kim 2023, Probabilistic Precision and Recall, arXiv:2309.01590, eq. 5 to 8",
    "settings": {
        "k": {
            "type": "int",
            "default": 4,
            "min": 1,
            "help": "the radius is proportional to the mean distance to the k-th neighbour",
        },
        "a": {"type": "float", "default": 1.2, "above": 0, "help": "factor of the radius"},
    },
    "deviations": ["the feature space is the run's extractor; the paper's is VGG-16's second fully connected layer"],
    "needs": ["features"],
    "values": {
        "p_precision": {"label": "P-precision", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
        "p_recall": {"label": "P-recall", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "k-th neighbours among the other rows of a set; float64",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    real, fake = (wide(points.features, sets.device) for points in (sets.real, sets.fake))
    if settings["k"] >= min(len(real), len(fake)):
        fewest = min(len(real), len(fake))
        raise MetricUndefined(f"needs more than k = {settings['k']} rows of each set; the smaller has {fewest}")
    return {
        "p_precision": _support(real, fake, "real", settings),
        "p_recall": _support(fake, real, "generated", settings),
    }


def _support(centres: Tensor, rows: Tensor, which: str, settings: dict[str, Any]) -> float | MetricUndefined:
    radius = settings["a"] * float(kth_neighbour(centres, settings["k"]).mean())
    if not radius:
        return MetricUndefined(f"each {which} row has {settings['k']} or more duplicates: the radius is 0")
    return float(support_probability(centres, rows, radius).mean())


def support_probability(centres: Tensor, rows: Tensor, radius: float) -> Tensor:
    """(m,) probability that each row is in the support of the centres' set."""
    missed = rows.new_ones(len(rows))
    for part, block in distance_blocks(rows, centres):
        missed[part] = (block / radius).clamp(max=1.0).prod(dim=1)
    return 1.0 - missed
