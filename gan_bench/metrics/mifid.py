"""Memorisation-informed Fréchet distance: the Fréchet distance divided by the distance of samples to training images.

    frechet / m_tau,     m = mean over generated rows of the smallest 1 - |cos| to a training row,
                     m_tau = m if m < tau, else 1

Copies of training images give a small m and hence a large value. If m is tau or more, the value is the Fréchet
distance. `memorisation` is m. Zero rows have no direction and are left out of m.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.frechet import distance_of, real_side
from gan_bench.metrics.pairs import Requests
from gan_bench.metrics.pairs.training import NearestAngle

__all__ = ["FACTS", "compute", "parts", "penalised", "real_side"]

FACTS = {
    "paper": "Bai et al. 2021, arXiv:2106.03062, sec. 3",
    "settings": {
        "tau": {
            "type": "float",
            "default": 0.1,
            "above": 0,
            "max": 1,
            "help": "the distance is divided by m only if m is below tau",
        },
    },
    "deviations": [
        "the feature space is the run's extractor; the paper's is Inception-v3, for which tau = 0.1 was chosen: in "
        "other feature spaces, m of new images of the data's distribution can be below tau",
    ],
    "needs": ["features", "train"],
    "values": {
        "mifid": {"label": "MiFID", "direction": "lower", "range": [0.0, None], "unit": ""},
        "memorisation": {"label": "Memorisation distance", "direction": "none", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "mean over generated rows of the nearest training row by cosine; Fréchet distance plug-in",
}

#: Added to m, as in the paper's competition, so that exact copies get a very large value, not infinity.
TINY = 1e-14


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, NearestAngle]:
    return {"nearest": request(NearestAngle)}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    if sets.real.dim < 2:
        raise MetricUndefined("needs 2 dimensions: in one, all rows have the same direction up to sign")
    m = float(sets.parts["nearest"].distance.nanmean())
    if np.isnan(m):
        raise MetricUndefined("all generated or all training rows are zero: they have no direction")
    return {"mifid": penalised(distance_of(sets), m, settings["tau"]), "memorisation": m}


def penalised(frechet: float, m: float, tau: float) -> float:
    """frechet / m_tau."""
    return frechet / (m + TINY) if m < tau else frechet
