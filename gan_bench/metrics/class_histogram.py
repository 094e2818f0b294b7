"""Class histogram of the samples: number of classes covered, and agreement of class shares with the real images.

Each image counts for its most probable class. `kl_classes` is KL(samples || real) of the two histograms; if a class has
samples but no real image, half a real image is assumed. `top_class` is the share of the largest class among the
samples.
"""

from typing import Any

import numpy as np

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classes import log_probs_of
from gan_bench.metrics.modes import divergence

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4 (arXiv:1705.07761): modes as classes of a classifier",
    "settings": {},
    "deviations": ["the divergence is from the real images' class shares, not from equal shares"],
    "needs": ["log_probs"],
    "values": {
        "classes_covered": {"label": "Classes covered", "direction": "higher", "range": [1, None], "unit": "classes"},
        "kl_classes": {
            "label": "KL(samples || data), classes",
            "direction": "lower",
            "range": [0, None],
            "unit": "nats",
        },
        "top_class": {"label": "Share of the largest class", "direction": "none", "range": [0, 1], "unit": ""},
    },
    "min_n": 1,
    "estimator": "plug-in shares of most probable classes; even perfect samples of K classes have a KL of about "
    "(K - 1) / (2 n)",
}


def real_side(real: Features) -> dict[str, np.ndarray]:
    return {} if real.log_probs is None else {"histogram": histogram(real.log_probs)}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    counts = histogram(log_probs_of(sets.fake))
    if "histogram" not in sets.side:
        raise MetricUndefined("needs class probabilities of the real images")
    return {
        "classes_covered": float((counts > 0).sum()),
        "kl_classes": divergence(counts, sets.side["histogram"]),
        "top_class": float(counts.max() / counts.sum()),
    }


def histogram(log_probs: np.ndarray) -> np.ndarray:
    """(K,) for each class, the number of images for which it is the most probable class."""
    return np.bincount(log_probs.argmax(axis=1), minlength=log_probs.shape[1]).astype(np.float64)
