"""Analysis of variance of a balanced grid of runs: sums of squares of main effects and interactions.

A cell is a combination of levels, one of each axis. The n replicates in a cell are runs that differ only in their seed.
In a balanced grid, all effects are orthogonal. Therefore the sums of squares of all main effects, of the interactions
of two or more axes, and within cells add up to the total.
"""

from itertools import combinations

import numpy as np

#: Largest number of resampled values in memory at a time, unless a single cell has more.
BLOCK = 2_000_000

Term = tuple[int, ...]
"""Positions of the axes of a term: one for a main effect, two for an interaction."""


def terms(shape: tuple[int, ...]) -> dict[Term, int]:
    """Degrees of freedom of all main effects, then of all two-way interactions. `shape`: number of levels per axis."""
    effects: list[Term] = [(axis,) for axis in range(len(shape))]
    effects += combinations(range(len(shape)), 2)
    return {term: int(np.prod([shape[axis] - 1 for axis in term])) for term in effects}


def sums_of_squares(means: np.ndarray, n: int) -> np.ndarray:
    """Sums of squares of the effects that `terms` lists: cell means (sets, levels of each axis) -> (sets, terms).

    `n`: number of replicates per cell. There can be several sets of cell means, for example one per bootstrap resample.
    """
    shape = means.shape[1:]
    every = tuple(range(1, means.ndim))
    effects: dict[Term, np.ndarray] = {(): means.mean(axis=every, keepdims=True)}
    columns = []
    for term in terms(shape):
        margin = means.mean(axis=tuple(axis for axis in every if axis - 1 not in term), keepdims=True)
        parts = [(), *((axis,) for axis in term if len(term) > 1)]
        effects[term] = margin - np.sum([np.broadcast_to(effects[part], margin.shape) for part in parts], axis=0)
        others = int(np.prod(shape)) // int(np.prod([shape[axis] for axis in term]))
        columns.append(n * others * (effects[term] ** 2).sum(axis=every))
    return np.stack(columns, axis=1)


def between(means: np.ndarray, n: int) -> np.ndarray:
    """Sum of squares between cells: cell means (sets, ...) -> (sets,)."""
    flat = means.reshape(len(means), -1)
    return np.asarray(n * ((flat - flat.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))


def resampled_means(values: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Resample residuals within cells. Returns cell means (count, cells) and sums of squares within cells (count,).

    Residuals are scaled by sqrt(n / (n - 1)), because n values vary less about their own mean than about the true mean
    (Efron and Tibshirani 1993, section 9.5).

    Args:
        values: responses (cells, n).
        count: number of resamples.
        rng: random generator of the resampled positions.
    """
    n = values.shape[1]
    means, within = np.empty((count, len(values))), np.zeros(count)
    step = max(1, BLOCK // (count * n))
    for start in range(0, len(values), step):
        cells = values[start : start + step]
        mean = cells.mean(axis=1, keepdims=True)
        residual = (cells - mean) * (np.sqrt(n / (n - 1)) if n > 1 else 0.0)
        # One call for all cells draws the same numbers as one call per cell. The result does not depend on BLOCK.
        positions = rng.integers(0, n, (len(cells), count, n))
        drawn = np.take_along_axis(np.broadcast_to(residual[:, None], positions.shape), positions, axis=2)
        means[:, start : start + len(cells)] = (mean + drawn.mean(axis=2)).T
        for squares in ((drawn - drawn.mean(axis=2, keepdims=True)) ** 2).sum(axis=2):
            within += squares
    return means, within
