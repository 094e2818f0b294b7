"""Mode balance: how evenly samples are spread over the data's modes, and how far apart samples are.

`effective_modes` is exp of the entropy of the mode shares; it is k for k equally frequent modes. `mode_coverage` is
`effective_modes` of the samples divided by `effective_modes` of as many real images. It is near 1 for good samples, and
below 0.5 if effectively more than half of the modes are missing. `ndb` is the share of modes whose frequencies in the
samples and in the real images differ significantly (two-proportion z-test at the significance level `level`, by default
5 %). `pair_ratio` is the mean Euclidean distance between two samples in feature space, divided by the same mean over
real images. It is near 0 if all samples look alike. If the extractor gives no modes, the classes are the modes, and
each image counts for its most probable class.
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
        "level": {"type": "float", "default": 0.05, "above": 0, "below": 1, "help": "significance level of the test"},
    },
    "deviations": [
        "A sample counts for the mode with the nearest centre, even if it is too far away to be in the mode"
    ],
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

#: Pairwise distances are computed for at most this many rows of each set.
MAX_ROWS = 2000


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """The four values.

    The value `pair_ratio` is undefined if the compared real rows do not differ. The other three values are undefined if
    one of the two sets has neither modes nor class probabilities, or if no real image has a mode.
    """
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
    """(K,) number of images by nearest mode or, without modes, by most probable class; None if neither is known."""
    if points.modes is not None:
        return points.mode_use
    if points.log_probs is None:
        return None
    return np.bincount(points.log_probs.argmax(axis=1), minlength=points.log_probs.shape[1]).astype(np.float64)


def effective(counts: np.ndarray) -> float:
    """exp of the entropy of the shares of counts (K,); 0 if all counts are 0."""
    return float(np.exp(entr(counts / counts.sum()).sum())) if counts.sum() else 0.0


def different(real: np.ndarray, fake: np.ndarray, level: float) -> np.ndarray:
    """(K,) whether the share of a mode differs significantly between two sets, given their counts (K,) of images.

    The test is a two-proportion z-test with pooled variance.
    """
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
    """Mode counts of n real images drawn with replacement, for comparison with n samples."""
    counts = mode_counts(real.take(rng.integers(len(real), size=n)))
    assert counts is not None
    return counts
