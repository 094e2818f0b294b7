"""Fréchet distance extrapolated to infinitely many generated images.

The Fréchet distance of N samples is biased upward by about c / N. The constant c differs between generators, so a
comparison is biased even at equal N. Here the distance is measured at several N, and a line in 1 / N is fitted by least
squares. The intercept of the line is the value for N = infinity. The real mean and covariance are always computed from
all real images. The value can be negative for a good generator.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._moments import Moments, moments
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.frechet import distance, real_side

__all__ = ["FACTS", "compute", "intercept", "real_side"]

FACTS = {
    "paper": "Chong and Forsyth 2020, arXiv:1911.07023, sec. 4",
    "settings": {
        "points": {"type": "int", "default": 15, "min": 3, "help": "numbers N at which the distance is measured"},
    },
    "deviations": [
        "N goes from a fifth of the samples to all of them (in the paper: 5 000 to 50 000); for each N, samples are "
        "drawn again from all samples; latents are pseudo-random, not Sobol sequences",
    ],
    "needs": ["features"],
    "values": {
        "frechet_infinity": {
            "label": "Fréchet distance at N = ∞",
            "direction": "lower",
            "range": [None, None],
            "unit": "",
        },
    },
    "min_n": 10,
    "estimator": "intercept of a least-squares line in 1/N over seeded subsets; real statistics fixed",
    "splits": True,
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    n, dim = len(sets.fake), sets.fake.dim
    smallest = n // 5
    if smallest <= dim:
        raise MetricUndefined(
            f"needs {5 * (dim + 1)} samples: the smallest N is a fifth of them, and below D + 1 = {dim + 1} the "
            f"distance is not linear in 1/N; there are {n}"
        )
    fake = rows_of(sets.fake.features, sets.device)
    real = Moments.of(sets.side, rows_of(sets.real.features, sets.device))
    counts = np.unique(np.linspace(smallest, n, settings["points"]).round().astype(int))
    values = [distance(real, moments(fake[np.sort(rng.permutation(n)[:count])])) for count in counts]
    return {"frechet_infinity": intercept(counts, values)}


def intercept(counts: np.ndarray, values: list[float]) -> float:
    """Intercept a of the least-squares line value = a + b / N."""
    _, a = np.polyfit(1.0 / np.asarray(counts, dtype=np.float64), np.asarray(values), 1)
    return float(a)
