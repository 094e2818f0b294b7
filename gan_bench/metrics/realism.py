"""Realism R of a generated image: how near it is to a real image, relative to the radius of the real image's ball.

R(y) = max_x |x - NN_k(x)| / |x - y| over real rows x, where NN_k(x) is the k-th nearest neighbour of x among the other
real rows. The half of the real rows with the larger balls is left out, because an outlier's ball is so large that it
contains poor samples too. R is at least 1 if and only if y is in one of the remaining balls. `realism` is the median of
R over the generated rows. `realism_share` is the share of generated rows with R of at least 1. The function
`realism_scores` returns R for every row.
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
        "k": {"type": "int", "default": 3, "min": 1, "help": "a ball reaches to the k-th nearest neighbour"},
    },
    "deviations": ["the feature space is the run's extractor; the paper's is VGG-16's second fully connected layer"],
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
    "estimator": "k-th neighbours among the other real rows; balls with a radius above the median are left out",
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
    """(m,) realism of each generated row; infinite at the centre of a remaining ball with a radius above 0."""
    radius = kth_neighbour(real, k)
    kept = radius <= radius.quantile(0.5)
    centres, radius = real[kept], radius[kept]
    scores = fake.new_zeros(len(fake))
    for part, block in distance_blocks(fake, centres):
        # In a ball of radius 0, R is 1 at the centre and 0 elsewhere.
        ratio = torch.where(radius > 0, radius / block, (block == 0).double())
        scores[part] = ratio.max(dim=1).values
    return scores
