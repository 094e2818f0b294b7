"""Expected best score of a random search with its interval, and the share of rank variance that a setting explains."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.expected_best import order_weights
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.resample import SEED

#: Number of resamples for the bootstrap interval.
RESAMPLES = 1000
#: If a numeric setting has more than BINS distinct values, the trials are divided by its value into BINS groups of
#: about equal size.
BINS = 4


def expected_best(badness: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """Expected smallest badness among trials drawn without replacement from n trials: (..., n) -> (..., budgets).

    Badness is a score of which smaller values are better. `budgets`: numbers of trials that are drawn. The weights are
    those of `order_weights`. A lost trial (inf) is drawn like any other trial, but it is never the best one. The
    expectation is over draws with at least one score. The result is NaN if no draw of that size has a score.
    """
    ordered = np.sort(badness, axis=-1)
    weights = order_weights(badness.shape[-1], budgets)
    finite = np.isfinite(ordered)
    total = np.where(finite, ordered, 0.0) @ weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / (finite.astype(float) @ weights.T))


def expected_best_interval(badness: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """Percentile bootstrap interval over the n trials at LEVEL: (n,) -> (2, budgets); NaN if undefined.

    The interval is undefined for fewer than two trials, and if no resample has an expected best score for each budget.
    If few of the n trials are drawn, the upper end is reliable. If nearly n trials are drawn, the interval is too
    narrow, because the best value of a resample is always one of the n values.
    """
    n = len(badness)
    if n < 2:
        return np.full((2, len(budgets)), np.nan)
    rng = seeds.generator(SEED, "bootstrap")
    curves = expected_best(badness[rng.integers(0, n, (RESAMPLES, n))], budgets)
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    kept = curves[~np.isnan(curves).any(axis=1)]
    return np.quantile(kept, ends, axis=0) if len(kept) else np.full((2, len(budgets)), np.nan)


def groups_of(values: Sequence[object], *, number: bool) -> np.ndarray:
    """Index of the group (n,) of each value of a setting.

    A group is one distinct value or, for a `number` with more than BINS distinct values, one of BINS ranges with about
    equally many values.
    """
    if number and len(set(values)) > BINS:
        numbers = np.asarray(values, dtype=np.float64)
        return np.searchsorted(np.quantile(numbers, np.arange(1, BINS) / BINS), numbers, side="left")
    names = sorted({str(value) for value in values})
    return np.array([names.index(str(value)) for value in values])


def rank_share(badness: np.ndarray, groups: np.ndarray) -> tuple[float, float, float] | None:
    """(share, share by chance, p). Share: how much of the variance of the ranks of badness (n,) is between the groups.

    share = H / (n - 1) with H of Kruskal and Wallis 1952, J. Am. Stat. Assoc. 47:583; if the setting has no effect, the
    expected share is (k - 1) / (n - 1) for k groups. p comes from the chi-squared distribution of H. inf ranks last.
    The result is None for one group, for fewer than 5 values, or if all values are equal.
    """
    parts = [badness[groups == group] for group in np.unique(groups)]
    n = len(badness)
    finite = np.where(np.isfinite(badness), badness, np.finfo(float).max)
    if len(parts) < 2 or n < 5 or len(np.unique(finite)) < 2:
        return None
    h, p = stats.kruskal(*(finite[groups == group] for group in np.unique(groups)))
    return float(h) / (n - 1), (len(parts) - 1) / (n - 1), float(p)
