"""Resamples series of any length to WINDOWS windows of equal length, and computes statistics of the windows."""

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Every history is resampled to WINDOWS windows with equally many steps; COARSE of them form a coarse window.
WINDOWS = 200
COARSE = 8

#: Values closer than this count as equal: resampling leaves rounding errors on a constant series.
EQUAL = 1e-9


def row_edges(step: Array) -> Array:
    """Increasing steps (n,) -> n + 1 edges in [0, 1]; row i covers the steps since row i - 1."""
    gaps = np.diff(step)
    first = min(gaps[0], step[0]) if step[0] > 0 else gaps[0]
    edges = np.concatenate([[0.0], np.cumsum(np.concatenate([[first], gaps]))])
    return np.asarray(edges / edges[-1])


def window_means(edges: Array, values: Array) -> Array:
    """Piecewise constant series (k, n), one value for each row -> means (k, WINDOWS) over windows of equal length.

    The means are exact for any spacing of the rows.
    """
    integral = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values * np.diff(edges), axis=1)], axis=1)
    cuts = np.linspace(0, 1, WINDOWS + 1)
    right = np.clip(np.searchsorted(edges, cuts, side="left"), 1, len(edges) - 1)
    share = (cuts - edges[right - 1]) / (edges[right] - edges[right - 1])
    at_cuts = integral[:, right - 1] + share * (integral[:, right] - integral[:, right - 1])
    return np.asarray(np.diff(at_cuts, axis=1) * WINDOWS)


def window_ends(edges: Array, values: Array) -> Array:
    """Values (k, n) -> values (k, WINDOWS) of the row in which each window ends.

    Columns that are statistics of a single batch use these values instead of means.
    """
    ends = np.arange(1, WINDOWS + 1) / WINDOWS
    return values[:, np.clip(np.searchsorted(edges, ends - EQUAL, side="left") - 1, 0, values.shape[1] - 1)]


def coarse(series: Array) -> Array:
    """Means of COARSE consecutive windows along the last axis."""
    return np.asarray(series.reshape(*series.shape[:-1], -1, COARSE).mean(axis=-1))


def trends(rough: Array, parts: Sequence[slice]) -> list[Array]:
    """Kendall's tau-a, in [-1, 1], of each coarse series (k, n) against time; one array (k,) per slice in `parts`.

    Values closer than EQUAL count as ties.
    """
    bounds = tuple(part.indices(rough.shape[1])[:2] for part in parts)
    later, earlier, weights = _window_pairs(rough.shape[1], bounds)
    change = rough[:, later] - rough[:, earlier]
    signs = (change > EQUAL).astype(np.float64) - (change < -EQUAL)
    return list(weights @ signs.T)


@functools.cache
def _window_pairs(n: int, bounds: tuple[tuple[int, int], ...]) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """All pairs of n windows, and weights (parts, pairs).

    Each range in `bounds` has one row of weights. The weights are equal for all pairs inside the range and sum to 1.
    All other weights are 0.
    """
    later, earlier = np.tril_indices(n, -1)
    inside = np.stack([(earlier >= first) & (later < last) for first, last in bounds])
    return later, earlier, inside / inside.sum(axis=1, keepdims=True)


def correlations(pairs: Mapping[str, tuple[Array, Array]]) -> dict[str, float]:
    """Pearson correlation of each pair of series; 0 if either is constant."""
    return {name: correlation(a, b) for name, (a, b) in pairs.items()}


def correlation(a: Array, b: Array) -> float:
    """Pearson correlation; 0 if either series is constant."""
    a, b = a - a.sum() / len(a), b - b.sum() / len(b)
    scale_a, scale_b = math.sqrt(a @ a), math.sqrt(b @ b)
    if min(scale_a, scale_b) < EQUAL * math.sqrt(len(a)):
        return 0.0
    return float(a @ b) / (scale_a * scale_b)


def roughness(series: Array) -> Array:
    """Half of von Neumann's ratio of series (k, n) -> (k,): mean squared change over twice the variance.

    It is about 1 for white noise, 1 for a constant series, and near 0 for a straight line.
    """
    variance = series.var(axis=1)
    still = variance < EQUAL**2
    ratio = (np.diff(series) ** 2).mean(axis=1) / (2 * np.where(still, 1, variance))
    return np.asarray(np.where(still, 1.0, ratio))


def quantiles(series: Array, at: Sequence[float]) -> Array:
    """Quantiles (len(at), k) of series (k, n), with linear interpolation."""
    ordered = np.sort(series, axis=1)
    position = np.asarray(at) * (series.shape[1] - 1)
    low = position.astype(int)
    high = np.minimum(low + 1, series.shape[1] - 1)
    return np.asarray((ordered[:, low] + (position - low) * (ordered[:, high] - ordered[:, low])).T)
