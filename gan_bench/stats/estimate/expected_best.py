"""Weights of order statistics, for the expected best score of b runs that are drawn from n runs."""

import numpy as np
from scipy import special


def order_weights(n: int, budgets: np.ndarray) -> np.ndarray:
    """Probability (budgets, n) that the i-th best of n runs is the best of b runs drawn without replacement.

    This probability is C(n - i, b - 1) / C(n, b), with b from `budgets`. The sum of the sorted scores with these
    probabilities as weights is an unbiased estimate of the expected best score of b runs (Tang et al. 2020,
    arXiv:2004.13705).
    """
    i, b = np.arange(1, n + 1)[None, :], budgets[:, None]
    with np.errstate(invalid="ignore"):
        log = _log_choose(n - i, b - 1) - _log_choose(np.array(n), b)
    return np.where(n - i >= b - 1, np.exp(log), 0.0)


def order_weights_dodge(n: int, budgets: np.ndarray) -> np.ndarray:
    """The same probability (budgets, n) for draws with replacement: ((n - i + 1) / n)^b - ((n - i) / n)^b.

    Dodge et al. 2019, arXiv:1909.03004. With these weights, the estimate of the expected best score of b new runs is
    biased towards worse scores.
    """
    i, b = np.arange(1, n + 1)[None, :], budgets[:, None]
    return np.asarray(((n - i + 1) / n) ** b - ((n - i) / n) ** b)


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(np.maximum(n - k, 0) + 1))


def weighted_quantile(ordered: np.ndarray, weights: np.ndarray, at: float) -> np.ndarray:
    """Quantile `at` of the sorted values (n,), for each row of weights (rows, n) -> (rows,).

    Each row of weights sums to 1.
    """
    place = (np.cumsum(weights, axis=1) < at - 1e-12).sum(axis=1)
    return np.asarray(ordered[np.minimum(place, len(ordered) - 1)])
