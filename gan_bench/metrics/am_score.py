"""AM score: how certain the samples' classes are, and how well their class shares agree with the real images' shares.

    KL(p_r(y) || p(y)) + E_x H(p(y|x)),     in nats, at least 0

p(y) is the mean of p(y|x) over samples, and p_r(y) is the mean over real images. The score is 0 if the class of every
sample is certain, and samples and real images have equal class shares. If the samples give no probability to a class
that the real images have, the score is infinite and reported as undefined.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classes import divergence, log_marginal, log_probs_of
from gan_bench.metrics.mode_score import real_side

__all__ = ["FACTS", "am_score", "compute", "real_side"]

FACTS = {
    "paper": "Zhou et al. 2018, arXiv:1703.02000, eq. 23",
    "settings": {},
    "deviations": [],
    "needs": ["log_probs"],
    "values": {"am_score": {"label": "AM score", "direction": "lower", "range": [0.0, None], "unit": "nats"}},
    "min_n": 2,
    "estimator": "plug-in, one split",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    fake = log_probs_of(sets.fake)
    if "log_marginal" not in sets.side:
        raise MetricUndefined("needs class probabilities of the real images")
    return {"am_score": am_score(fake, sets.side["log_marginal"])}


def am_score(log_probs: np.ndarray, real_log_marginal: np.ndarray) -> float:
    """AM score of samples' natural log-probabilities (N, K), given the real images' log class shares (K,)."""
    probs = np.exp(log_probs)
    entropy = -np.where(probs > 0, probs * np.where(probs > 0, log_probs, 0.0), 0.0).sum(axis=1).mean()
    return float(entropy) + divergence(real_log_marginal, log_marginal(log_probs))
