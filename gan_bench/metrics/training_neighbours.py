"""Distances of samples to training images, compared with the distances of held-out real images to training images.

`train_distance_ratio` is the mean distance of samples to their nearest training row, divided by the same mean for the
real rows. The real rows must not be training rows themselves. The ratio is about 1 for new images of the same
distribution, less if samples repeat training images, and more if samples are poor. `train_copies` is the share of
samples whose distance to the nearest training row is at most the 1 % quantile (setting `quantile`) of the distances of
the real rows to their nearest training row. It is about 0.01 for new images of the same distribution, and 1 for copies.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.pairs import Requests
from gan_bench.metrics.pairs.training import NearestTraining

FACTS = {
    "paper": "Meehan et al. 2020, arXiv:2004.05675: data copying measured by distances to training rows, compared with "
    "held-out rows",
    "settings": {
        "quantile": {
            "type": "float",
            "default": 0.01,
            "above": 0,
            "max": 1,
            "help": "a sample nearer to a training row than this quantile of the real rows' distances is a copy",
        },
    },
    "deviations": ["means and a quantile; the paper uses a rank test in cells"],
    "needs": ["features", "train"],
    "values": {
        "train_distance_ratio": {
            "label": "Distance to training images, over real",
            "direction": "none",
            "range": [0.0, None],
            "unit": "",
        },
        "train_copies": {
            "label": "Share near a training image",
            "direction": "lower",
            "range": [0.0, 1.0],
            "unit": "",
        },
    },
    "min_n": 2,
    "estimator": "exact nearest neighbours among all training rows",
}


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, NearestTraining]:
    return {"nearest": request(NearestTraining)}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    real, fake = (sets.parts["nearest"].squared[which].sqrt() for which in ("real", "fake"))
    if not float(real.mean()):
        raise MetricUndefined("all real rows are training rows: held-out rows are needed to compare with")
    limit = float(np.quantile(real.cpu().numpy(), settings["quantile"], method="lower"))
    return {
        "train_distance_ratio": float(fake.mean() / real.mean()),
        "train_copies": float((fake <= limit).double().mean()),
    }
