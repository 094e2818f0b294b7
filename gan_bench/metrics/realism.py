"""Realism of each generated image: how deep it lies in the ball of a real one.

R(y) = max_x |x - NN_k(x)| / |x - y| over real rows x, of which the half with the larger balls is left out, because an
outlier's ball holds anything. R is 1 or more exactly where y lies in one of those balls. `realism` is the median over
the generated rows, `realism_share` the share with R of 1 or more; `realism_scores` gives R of every row.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import distance_blocks, kth_neighbour, wide

FACTS = {
    "paper": "Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 3",
    "settings": {
        "k": {"type": "int", "default": 3, "min": 1, "help": "neighbours to which a ball reaches"},
    },
    "deviations": ["the feature space is the run's extractor; theirs is VGG-16's second fully connected layer"],
    "needs": ["features"],
    "values": {
        "realism": {
            "label": "Realism, median",
            "direction": "higher",
            "range": [0.0, None],
            "unit": "",
            "scale": "identity",
        },
        "realism_share": {
            "label": "Realism, share of 1 or more",
            "direction": "higher",
            "range": [0.0, 1.0],
            "unit": "",
        },
    },
    "min_n": 2,
    "estimator": "k-th neighbours among the other real rows; the larger half of the balls left out",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    real, fake = (wide(points.features, sets.device) for points in (sets.real, sets.fake))
    if settings["k"] >= len(real):
        raise MetricUndefined(f"needs more than k = {settings['k']} real rows; there are {len(real)}")
    scores = realism_scores(real, fake, settings["k"])
    if not bool(torch.isfinite(scores).all()):
        median: Any = MetricUndefined("a generated row equals a real one: its realism is infinite")
    else:
        median = float(scores.quantile(0.5))
    return {"realism": median, "realism_share": float((scores >= 1).double().mean())}


def realism_scores(real: Tensor, fake: Tensor, k: int = 3) -> Tensor:
    """(m,) realism of each generated row; infinite for one that equals a real row of a ball that has a radius."""
    radius = kth_neighbour(real, k)
    kept = radius <= radius.quantile(0.5)
    centres, radius = real[kept], radius[kept]
    scores = fake.new_zeros(len(fake))
    for part, block in distance_blocks(fake, centres):
        # A ball of radius 0 holds its centre only, at any depth.
        ratio = torch.where(radius > 0, radius / block, (block == 0).double())
        scores[part] = ratio.max(dim=1).values
    return scores
