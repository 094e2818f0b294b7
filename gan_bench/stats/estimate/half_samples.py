"""Spread of a statistic of n samples, and comparison of models, both estimated from random halves of the samples.

Halves are drawn without replacement. The variance of a statistic over halves estimates its variance over samples of
size n. This is the delete-d jackknife (Shao and Wu 1989, Ann. Stat. 17:1176) with d = n / 2, so its factor (n - d) / d
is 1. A bootstrap with replacement is not used, because it draws some samples several times. The copies are nearest
neighbours of each other, and they lower the rank of covariance matrices.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from gan_bench.stats.estimate.intervals import LEVEL


@dataclass(frozen=True)
class Compared:
    """Comparison of models by one value each; smaller is better. Each array is (models,).

    Attributes:
        half: half-width of an interval around the value of the model: with new samples of the same size, the new value
            is in this interval with probability 95 %. It is sqrt(2) times as wide as a confidence interval, because the
            value and the new value both vary.
        difference, half_difference: value minus the value of the best model, and the half-width of the simultaneous
            interval of this difference; both are 0 for the best model.
        top: whether a model may still be the best one (see `compare`).
    """

    half: np.ndarray
    difference: np.ndarray
    half_difference: np.ndarray
    top: np.ndarray


def compare(values: np.ndarray, halves: np.ndarray, level: float = LEVEL) -> Compared:
    """Compare models by `values` (models,), from all samples, and `halves` (replicates, models), from random halves.

    A replicate is one value per model from one random half. In a replicate, all models use the same half of the real
    samples. The variation of the real samples therefore cancels in the difference of two models. The intervals of the
    differences of all pairs hold simultaneously. The half-width of an interval is the standard error of the difference
    times a factor. The factor is the `level` quantile, over the replicates, of the largest standardised difference of
    any pair. It is never less than the normal quantile. A model is excluded as the best if the interval of its
    difference from some other model is entirely on the worse side of 0.
    """
    models = len(values)
    spread = halves.std(axis=0, ddof=1)
    pairs = halves[:, :, None] - halves[:, None, :]
    error = pairs.std(axis=0, ddof=1)
    standard = np.divide(np.abs(pairs - pairs.mean(axis=0)), error, out=np.zeros_like(pairs), where=error > 0)
    normal = float(special.ndtri((1 + level) / 2))
    critical = max(normal, float(np.quantile(standard.reshape(len(halves), -1).max(axis=1), level)))
    difference = values[:, None] - values[None, :]
    best = int(np.argmin(values))
    top = ~((difference - critical * error > 0) & ~np.eye(models, dtype=bool)).any(axis=1)
    return Compared(normal * 2**0.5 * spread, difference[:, best], critical * error[:, best], top)
