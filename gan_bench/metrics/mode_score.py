"""Mode Score: the Inception Score, reduced if the class shares of samples and real images differ.

    exp( E_x KL(p(y|x) || p(y)) - KL(p(y) || p_r(y)) ) = IS * exp(-KL(p || p_r)),     in [0, K]

p(y) is the mean of p(y|x) over samples and p_r(y) the mean over real images. This is the form that Xu et al. compute.
The formula printed by Che et al. has p_r in place of p in the first divergence. That formula equals the Inception
Score, because E_x KL(p(y|x) || p_r) = E_x KL(p(y|x) || p) + KL(p || p_r). The samples are not divided into splits.
All probabilities are from the extractor.
"""

from typing import Any

import numpy as np

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classes import divergence, log_marginal, log_probs_of
from gan_bench.metrics.inception_score import inception_score

FACTS = {
    "paper": "Xu et al. 2018, arXiv:1806.07755, sec. 3.1; Che et al. 2017, arXiv:1612.02136, eq. 4",
    "settings": {},
    "deviations": [
        "Xu et al.'s code swaps the two sets by mistake and scores the real images; here samples are scored"
    ],
    "needs": ["log_probs"],
    "values": {"mode_score": {"label": "Mode Score", "direction": "higher", "range": [0.0, None], "unit": ""}},
    "min_n": 2,
    "estimator": "plug-in, one split",
}


def real_side(real: Features) -> dict[str, np.ndarray]:
    return {} if real.log_probs is None else {"log_marginal": log_marginal(real.log_probs)}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    fake = log_probs_of(sets.fake)
    if "log_marginal" not in sets.side:
        raise MetricUndefined("needs class probabilities of the real images")
    return {"mode_score": mode_score(fake, sets.side["log_marginal"])}


def mode_score(log_probs: np.ndarray, real_log_marginal: np.ndarray) -> float:
    """Mode Score of samples' natural log-probabilities (N, K), given the real images' log class shares (K,).

    The score is 0 if the samples have a class that the real images do not have.
    """
    return inception_score(log_probs) * float(np.exp(-divergence(log_marginal(log_probs), real_log_marginal)))
