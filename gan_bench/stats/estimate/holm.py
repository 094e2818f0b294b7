"""Correction for the number of comparisons."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p values (m,) -> (m,): Holm 1979, Scand. J. Stat. 6:65. NaN counts as no comparison and stays NaN.

    The i-th smallest of m times (m - i + 1), never below the ones before it, at most 1.
    """
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    there = np.flatnonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors)) if len(order) else adjusted[order]
    return adjusted
