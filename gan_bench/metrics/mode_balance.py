"""Mode balance: how evenly samples are spread over the data's modes, and how far apart samples are.

`effective_modes` is exp of the entropy of the mode shares: k for k equally frequent modes. `mode_coverage` divides it
by the same for equally many real images: near 1 for good samples, below 0.5 if effectively more than half of the modes
are missing. `ndb` is the share of modes whose frequency differs between samples and real images by a two-proportion
z-test at 5 %. `pair_ratio` is the mean Euclidean distance of two samples over that of two real images, in feature
space: near 0 if all samples look alike. Modes are the extractor's, or else the most probable classes.
"""

from typing import Any

import numpy as np
import torch
from scipy.special import entr
from scipy.stats import norm

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets

FACTS = {
    "paper": "NDB: Richardson & Weiss 2018, On GANs and GMMs, section 3 (arXiv:1805.12462); effective number: Hill "
    "1973, Diversity and evenness, Ecology 54 (order 1)",
    "settings": {
        "level": {"type": "float", "default": 0.05, "above": 0, "below": 1, "help": "of the test of each mode"},
    },
    "deviations": ["A sample counts for the mode with the nearest centre, also where it is too far to be in it."],
    "needs": ["features"],
    "values": {
        "effective_modes": {"label": "Effective modes", "direction": "none", "range": [0, None], "unit": "modes"},
        "mode_coverage": {"label": "Effective modes / real", "direction": "none", "range": [0, None], "unit": ""},
        "ndb": {"label": "Modes with a wrong share", "direction": "lower", "range": [0, 1], "unit": ""},
        "pair_ratio": {"label": "Pairwise distance / real", "direction": "none", "range": [0, None], "unit": ""},
    },
    "min_n": 2,
    "estimator": "plug-in shares; all pairs of at most 2 000 rows",
}

#: Rows of each set whose pairwise distances are computed.
MAX_ROWS = 2000


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """The four values; those of modes are undefined if the extractor gives neither modes nor class probabilities."""
    real_distance = mean_distance(sets.real.features)
    pairs: Any = MetricUndefined("all real features are equal")
    if real_distance > 0:
        pairs = mean_distance(sets.fake.features) / real_distance
    real, fake = (mode_counts(points) for points in (sets.real, sets.fake))
    if real is None or fake is None or not real.sum():
        none = MetricUndefined("the extractor gives neither modes nor class probabilities")
        return {"effective_modes": none, "mode_coverage": none, "ndb": none, "pair_ratio": pairs}
    reference = effective(real if len(sets.real) == len(sets.fake) else _drawn(sets.real, len(sets.fake), rng))
    return {
        "effective_modes": effective(fake),
        "mode_coverage": effective(fake) / reference,
        "ndb": float(different(real, fake, settings["level"]).mean()),
        "pair_ratio": pairs,
    }


def mode_counts(points: Features) -> np.ndarray | None:
    """Images (K,) of each nearest mode or, without modes, of each most probable class; None if neither is known."""
    if points.modes is not None:
        return points.mode_use
    if points.log_probs is None:
        return None
    return np.bincount(points.log_probs.argmax(axis=1), minlength=points.log_probs.shape[1]).astype(np.float64)


def effective(counts: np.ndarray) -> float:
    """exp of the entropy of the shares of counts (K,); 0 if all counts are 0."""
    return float(np.exp(entr(counts / counts.sum()).sum())) if counts.sum() else 0.0


def different(real: np.ndarray, fake: np.ndarray, level: float) -> np.ndarray:
    """Whether each mode's share differs between counts (K,): two-proportion z-test with pooled variance."""
    n, m = real.sum(), fake.sum()
    if not m:
        return np.ones(len(real), dtype=bool)
    pooled = (real + fake) / (n + m)
    sd = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    gap = np.abs(real / n - fake / m)
    return np.asarray(gap > norm.isf(level / 2) * sd)


def mean_distance(points: np.ndarray) -> float:
    """Mean Euclidean distance over the pairs of the first MAX_ROWS rows of points (N, D)."""
    rows = torch.from_numpy(np.asarray(points[:MAX_ROWS], dtype=np.float64))
    if len(rows) < 2:
        return 0.0
    # Computed by differences, not products, so that equal rows have distance 0 exactly.
    return float(torch.nn.functional.pdist(rows).mean())


def _drawn(real: Features, n: int, rng: np.random.Generator) -> np.ndarray:
    """Mode counts of n real images drawn with replacement: the expectation for good samples of that size."""
    counts = mode_counts(real.take(rng.integers(len(real), size=n)))
    assert counts is not None
    return counts
