"""Copies of training images: authentic share (AuthPct), and the rank test C_T against held-out images.

Let t be the training row nearest to a generated row. The generated row is authentic if another training row is nearer
to t than the generated row is. `auth_pct` is the percentage of authentic rows. It is about 50 for new images of the
data's distribution and 0 for copies. Poor samples raise it.

`c_t` compares the distances of generated rows to their nearest training rows with the same distances of held-out real
rows. The training rows are divided into `cells` clusters (cells). In each cell, distances are measured to the training
rows of the cell, and the Mann-Whitney U of the two sets of distances is converted to a standard score; `c_t` is the
weighted mean of these scores. It is near 0 for new images of the data's distribution, far below 0 for copies and far
above 0 for poor samples.
"""

from typing import Any

import numpy as np
import torch
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import distance_blocks, nearest, wide

FACTS = {
    "paper": "Alaa et al. 2022, arXiv:2102.08921, section 3.3 (authenticity); Meehan et al. 2020, arXiv:2004.05675, "
    "section 4 (C_T); both as in Jiralerspong et al. 2023, arXiv:2302.04440",
    "settings": {
        "cells": {
            "type": "int",
            "default": 3,
            "min": 1,
            "help": "number of k-means clusters (cells) of the training rows",
        },
        "least": {
            "type": "int",
            "default": 20,
            "min": 1,
            "help": "least number of generated rows of a cell; smaller cells are left out",
        },
    },
    "deviations": ["the feature space is the run's extractor, without a projection to 64 principal components"],
    "needs": ["features", "train"],
    "values": {
        "auth_pct": {"label": "Authentic samples", "direction": "none", "range": [0.0, 100.0], "unit": "%"},
        "c_t": {"label": "C_T, data copying", "direction": "none", "range": [None, None], "unit": "sd"},
    },
    "min_n": 2,
    "estimator": "exact nearest neighbours among all training rows; U with its continuity and tie corrections",
    "splits": True,
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    assert sets.train is not None
    train, real, fake = (wide(points.features, sets.device) for points in (sets.train, sets.real, sets.fake))
    if len(train) < 2:
        raise MetricUndefined(f"needs 2 training rows; there are {len(train)}")
    score = _c_t(train, real, fake, settings, int(rng.integers(2**31)))
    return {"auth_pct": authentic_percent(train, fake), "c_t": score}


def authentic_percent(train: Tensor, fake: Tensor) -> float:
    """Percentage of rows whose nearest training row has another training row nearer to it than the generated row is."""
    distance, which = nearest(fake, train)
    rows, place = which.unique(return_inverse=True)
    own = train.new_empty(len(rows))
    for part, block in distance_blocks(train[rows], train):
        block[torch.arange(len(block)), rows[part]] = torch.inf
        own[part] = block.min(dim=1).values
    return 100.0 * float((own[place] < distance).double().mean())


def _c_t(train: Tensor, real: Tensor, fake: Tensor, settings: dict[str, Any], seed: int) -> float | MetricUndefined:
    """Mean of `u_score` over cells, weighted by each cell's number of real rows.

    A cell counts if it has a training row, a real row, and at least `least` generated rows. If the whole sample has
    fewer than `least` generated rows, the cell must have all of them.
    """
    cells = min(settings["cells"], len(train.unique(dim=0)))
    clusters = KMeans(cells, n_init=10, random_state=seed).fit(train.cpu().numpy())
    labels = [torch.from_numpy(clusters.predict(rows.cpu().numpy())) for rows in (train, real, fake)]
    total, weight = 0.0, 0
    for cell in range(cells):
        inside, held, made = (rows[label == cell] for rows, label in zip((train, real, fake), labels, strict=True))
        if len(inside) and len(held) and len(made) >= min(settings["least"], len(fake)):
            total += len(held) * u_score(nearest(made, inside)[0], nearest(held, inside)[0])
            weight += len(held)
    if not weight:
        return MetricUndefined(f"no cell has {settings['least']} generated rows and a real one")
    return total / weight


def u_score(fake: Tensor, real: Tensor) -> float:
    """Mann-Whitney U as a standard normal score: above 0 if distances `fake` (m,) tend to exceed `real` (n,).

    It is 0 if all distances are equal.
    """
    m, n = len(fake), len(real)
    pooled = torch.cat([fake, real]).cpu().numpy()
    u = rankdata(pooled)[:m].sum() - m * (m + 1) / 2
    ties = np.unique(pooled, return_counts=True)[1].astype(np.float64)
    variance = m * n / 12 * (m + n + 1 - (ties**3 - ties).sum() / ((m + n) * (m + n - 1)))
    return float((u - (m * n / 2 - 0.5)) / variance**0.5) if variance > 0 else 0.0
