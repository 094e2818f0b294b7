"""Vendi score: the effective number of different images in a set, by the cosine of their features.

The score is exp(-sum_i p_i log p_i), where p are the eigenvalues of K / n and K_ij = cos(x_i, x_j). It is 1 if all rows
have the same direction, and n if all are at right angles to each other. It measures only diversity: noise is more
diverse than photographs. `vendi_share` is the score of the samples divided by the score of the real rows. Neither value
says whether samples are good.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import wide

FACTS = {
    "paper": "Friedman and Dieng 2023, arXiv:2210.02410, definition 3.1; cosine kernel of features as in Stein et al. "
    "2023, arXiv:2306.04675",
    "settings": {},
    "deviations": ["the feature space is the run's extractor"],
    "needs": ["features"],
    "values": {
        "vendi": {"label": "Vendi score", "direction": "none", "range": [1.0, None], "unit": "", "scale": "identity"},
        "vendi_share": {"label": "Vendi score, over real", "direction": "none", "range": [0.0, None], "unit": ""},
    },
    "min_n": 2,
    "estimator": "computed from all rows; grows with n until the set contains all modes; float64",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    scores = {}
    for which, points in (("generated", sets.fake), ("real", sets.real)):
        rows = wide(points.features, sets.device)
        if not rows.any(dim=1).all():
            raise MetricUndefined(f"a {which} row is zero: it has no direction")
        scores[which] = vendi_score(rows)
    return {"vendi": scores["generated"], "vendi_share": scores["generated"] / scores["real"]}


def vendi_score(rows: Tensor) -> float:
    """Vendi score of rows (n, D). No row may be zero."""
    unit = rows / rows.norm(dim=1, keepdim=True)
    n, dim = unit.shape
    # The two products have the same nonzero eigenvalues.
    gram = unit @ unit.T if n < dim else unit.T @ unit
    shares = torch.linalg.eigvalsh(gram / n).clamp(min=0)
    shares = shares / shares.sum()
    # The score is at least 1. A smaller value is a rounding error.
    return max(float(torch.special.entr(shares).sum().exp()), 1.0)
