"""Energy distance between two sets of rows."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from gan_bench.metrics import Sets

FACTS = {
    "paper": "Székely & Rizzo 2013, Energy Statistics, equation 2.1 (doi:10.1016/j.jspi.2013.03.018); Bellemare et "
    "al. 2017, The Cramer Distance (arXiv:1705.10743)",
    "settings": {},
    "deviations": [],
    "needs": ["features"],  # or images (uint8, (n, c, h, w)), log_probs, modes, train, run
    "values": {
        "my_component": {"label": "Energy distance", "direction": "lower", "range": [0.0, None], "unit": ""},
        "my_component_share": {"label": "Energy distance, share", "direction": "none", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "V-statistic of all rows; biased upward",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """The energy distance 2 E|x - y| - E|x - x'| - E|y - y'|, and its ratio to 2 E|x - y|."""
    real, fake = (part.features.astype(np.float64) for part in (sets.real, sets.fake))
    across = 2 * cdist(real, fake).mean()
    energy = max(float(across - cdist(real, real).mean() - cdist(fake, fake).mean()), 0.0)
    return {"my_component": energy, "my_component_share": energy / across if across else 0.0}
