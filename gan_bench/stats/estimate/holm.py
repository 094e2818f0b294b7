"""Holm's correction of p values for the number of comparisons."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p values (m,) -> (m,), Holm 1979, Scand. J. Stat. 6:65. NaN is no comparison and stays NaN.

    The i-th smallest p is multiplied by m - i + 1; results are made monotone and cut at 1.
    """
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    defined = np.flatnonzero(~np.isnan(p))
    order = defined[np.argsort(p[defined], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors)) if len(order) else adjusted[order]
    return adjusted
