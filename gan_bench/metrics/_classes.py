"""Class shares from log-probabilities."""

import numpy as np
from scipy.special import logsumexp

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined


def log_probs_of(points: Features) -> np.ndarray:
    """(N, K) natural log-probabilities; MetricUndefined if the extractor gives none."""
    if points.log_probs is None:
        raise MetricUndefined("the extractor gives no class probabilities")
    return points.log_probs


def log_marginal(log_probs: np.ndarray) -> np.ndarray:
    """(K,) log of the mean probability of each class; -inf for a class to which no image gives any probability."""
    with np.errstate(divide="ignore"):
        marginal: np.ndarray = logsumexp(log_probs, axis=0) - np.log(len(log_probs))
    return marginal


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p || q) in nats of two distributions, given as natural log-probabilities (K,).

    It is infinite if a class has a probability above 0 in p and the probability 0 in q.
    """
    # If a class has the probability 0 in both, the difference p - q is NaN. A class with the probability 0 in p adds 0.
    with np.errstate(invalid="ignore"):
        terms = np.where(np.isneginf(p), 0.0, np.exp(p) * (p - q))
    return float(terms.sum())
