"""Series of any length made equally long, and what is read off a window of them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Windows of equal length in steps that every history is cut into, and coarse ones of eight each.
WINDOWS = 200
COARSE = 8

#: Values nearer than this are equal: cutting into windows leaves rounding errors on a constant series.
EQUAL = 1e-9

_LATER, _EARLIER = np.tril_indices(WINDOWS // COARSE, -1)


def row_edges(step: Array) -> Array:
    """Rows (n,) of increasing steps -> n + 1 edges in [0, 1]: row i stands for the steps since row i - 1."""
    gaps = np.diff(step)
    first = min(gaps[0], step[0]) if step[0] > 0 else gaps[0]
    edges = np.concatenate([[0.0], np.cumsum(np.concatenate([[first], gaps]))])
    return np.asarray(edges / edges[-1])


def window_means(edges: Array, values: Array) -> Array:
    """Means (k, WINDOWS) of step functions (k, n) over windows of equal length; exact for any spacing of the rows."""
    integral = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values * np.diff(edges), axis=1)], axis=1)
    cuts = np.linspace(0, 1, WINDOWS + 1)
    right = np.clip(np.searchsorted(edges, cuts, side="left"), 1, len(edges) - 1)
    share = (cuts - edges[right - 1]) / (edges[right] - edges[right - 1])
    at_cuts = integral[:, right - 1] + share * (integral[:, right] - integral[:, right - 1])
    return np.asarray(np.diff(at_cuts, axis=1) * WINDOWS)


def window_ends(edges: Array, values: Array) -> Array:
    """Values (k, WINDOWS) of the row in which each window ends: for what is measured on one batch, not averaged."""
    ends = np.arange(1, WINDOWS + 1) / WINDOWS
    return values[:, np.clip(np.searchsorted(edges, ends - EQUAL, side="left") - 1, 0, values.shape[1] - 1)]


def coarse(series: Array) -> Array:
    """Means of COARSE neighbours along the last axis."""
    return np.asarray(series.reshape(*series.shape[:-1], -1, COARSE).mean(axis=-1))


def trend(series: Array) -> float:
    """Kendall's tau-a of a coarse series or a part of it against time, in [-1, 1]; near-equal values count as equal."""
    n = len(series)
    if n == WINDOWS // COARSE:
        later, earlier = _LATER, _EARLIER
    else:
        pairs = n * (n - 1) // 2
        later, earlier = _LATER[:pairs], _EARLIER[:pairs]
    change = series[later] - series[earlier]
    return float(((change > EQUAL).sum() - (change < -EQUAL).sum()) / len(change))


def correlation(a: Array, b: Array) -> float:
    """Pearson correlation; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    scale_a, scale_b = float(np.sqrt(a @ a)), float(np.sqrt(b @ b))
    if min(scale_a, scale_b) < EQUAL * np.sqrt(len(a)):
        return 0.0
    return float(a @ b) / (scale_a * scale_b)


def roughness(series: Array) -> float:
    """Von Neumann's ratio: mean squared change over twice the variance; 1 for noise, 0 for a line; 1 if constant."""
    variance = float(series.var())
    if variance < EQUAL**2:
        return 1.0
    return float((np.diff(series) ** 2).mean()) / (2 * variance)


def quantiles(series: Array, at: tuple[float, ...]) -> list[float]:
    """Quantiles with linear interpolation, along the only axis."""
    ordered = np.sort(series)
    place = np.asarray(at) * (len(series) - 1)
    low = place.astype(int)
    high = np.minimum(low + 1, len(series) - 1)
    found: list[float] = (ordered[low] + (place - low) * (ordered[high] - ordered[low])).tolist()
    return found
