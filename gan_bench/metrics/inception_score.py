"""Inception Score, computed from the extractor's class probabilities: exp of the mean KL(p(y|x) || p(y)).

p(y) is the mean of p(y|x) over the same images. The score is in [1, K] for K classes. It uses no real image. If the
extractor is a classifier of the data set's own classes, scores are comparable only with the same classifier. With 10
splits (customary since Salimans et al.), each split has its own p(y) from a tenth of the images. So the mean over
splits is biased low and depends on the order of images; the score over all images does not have these two problems.
"""

from typing import Any

import numpy as np
from scipy.special import logsumexp

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classes import log_probs_of

FACTS = {
    "paper": "Salimans et al. 2016, arXiv:1606.03498, sec. 4",
    "settings": {},
    "deviations": [
        "class probabilities are from the run's extractor; Salimans et al. use Inception-v3 on ImageNet classes"
    ],
    "needs": ["log_probs"],
    "values": {
        "inception_score": {
            "label": "Inception Score",
            "direction": "higher",
            "range": [1.0, None],
            "unit": "",
        },
        "inception_score_10": {
            "label": "Inception Score, 10 splits",
            "direction": "higher",
            "range": [1.0, None],
            "unit": "",
        },
        "inception_score_10_sd": {
            "label": "Inception Score, sd between splits",
            "direction": "none",
            "range": [0.0, None],
            "unit": "",
        },
    },
    "min_n": 20,
    "estimator": "plug-in; p(y) from the same images; 10 splits of a seeded shuffle, sd with divisor 10",
    "splits": True,
}

SPLITS = 10
#: A split needs at least min(number of classes, MAX_SPLIT_ROWS) images. With fewer images, its score is meaningless.
MAX_SPLIT_ROWS = 100


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    log_probs = log_probs_of(sets.fake)
    count, classes = log_probs.shape
    needed = SPLITS * min(classes, MAX_SPLIT_ROWS)
    mean: Any = MetricUndefined(f"{SPLITS} splits of {classes} classes need {needed} images; there are {count}")
    spread = mean
    if count >= needed:
        parts = np.array_split(log_probs[rng.permutation(count)], SPLITS)
        scores = np.array([inception_score(part) for part in parts])
        mean, spread = float(scores.mean()), float(scores.std())
    return {
        "inception_score": inception_score(log_probs),
        "inception_score_10": mean,
        "inception_score_10_sd": spread,
    }


def inception_score(log_probs: np.ndarray) -> float:
    """exp E_x KL(p(y|x) || p(y)) of natural log-probabilities (N, K); -inf is probability 0."""
    marginal = logsumexp(log_probs, axis=0) - np.log(len(log_probs))
    probs = np.exp(log_probs)
    # If no image gives a class any probability, both logarithms are -inf and the difference is NaN. The term is 0.
    with np.errstate(invalid="ignore"):
        terms = np.where(probs > 0, probs * (log_probs - marginal), 0.0)
    return float(np.exp(terms.sum(axis=1).mean()))
