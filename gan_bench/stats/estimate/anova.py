"""Sums of squares of the axes of a grid of runs that may be unbalanced (type II analysis of variance).

A cell is a point of the grid; its n replicates are runs that differ in their seed. The design explains only the means
of the cells, so the sum of squares of a term is that of the projection of the cell means, weighted by n. The remainder
is the sum of squares within cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: Largest number of resampled values that are held at a time.
BLOCK = 2_000_000

Term = tuple[str, ...]
"""Axes of a term of the model: one for a main effect, two for an interaction, none for the mean."""


@dataclass(frozen=True)
class Design:
    """Level of every varying axis in each cell, (cells,) integer codes by axis, and replicates per cell, (cells,)."""

    levels: Mapping[str, np.ndarray]
    n: np.ndarray

    @property
    def axes(self) -> list[str]:
        return list(self.levels)

    def basis(self, terms: Sequence[Term]) -> np.ndarray:
        """Orthonormal basis (cells, rank) of the mean and the terms, in the space weighted by the square root of n."""
        columns = [np.ones((len(self.n), 1)), *(self._dummies(term) for term in terms)]
        matrix = np.concatenate(columns, axis=1) * np.sqrt(self.n)[:, None]
        u, s, _ = np.linalg.svd(matrix, full_matrices=False)
        return u[:, s > 1e-9 * s[0]]

    def _dummies(self, term: Term) -> np.ndarray:
        codes = np.unique(np.stack([self.levels[axis] for axis in term]), axis=1, return_inverse=True)[1].ravel()
        return np.asarray(np.eye(codes.max() + 1)[codes])


@dataclass(frozen=True)
class Effect:
    """A term, its degrees of freedom, and the bases of two models whose projections differ by its sum of squares."""

    term: Term
    df: int
    full: np.ndarray
    reduced: np.ndarray


def effects(design: Design) -> list[Effect]:
    """Type II effects of a design: all main effects, then all two-way interactions.

    A main effect is what its axis adds to the other main effects. An interaction is what it adds to all main effects
    and all other interactions (Langsrud 2003, Stat. Comput. 13:163). `df` is 0 where a term is confounded with others.
    """
    mains: list[Term] = [(axis,) for axis in design.axes]
    pairs: list[Term] = list(combinations(design.axes, 2))
    full_mains, full = design.basis(mains), design.basis([*mains, *pairs])
    main_effects = [_effect(term, full_mains, design.basis([t for t in mains if t != term])) for term in mains]
    return main_effects + [
        _effect(term, full, design.basis([*mains, *(t for t in pairs if t != term)])) for term in pairs
    ]


def _effect(term: Term, full: np.ndarray, reduced: np.ndarray) -> Effect:
    return Effect(term, full.shape[1] - reduced.shape[1], full, reduced)


def sums_of_squares(terms: Sequence[Effect], design: Design, means: np.ndarray) -> np.ndarray:
    """Sum of squares of each effect: (replications, cells) cell means -> (replications, effects)."""
    weighted = means * np.sqrt(design.n)
    columns = [_projected(weighted, effect.full) - _projected(weighted, effect.reduced) for effect in terms]
    return np.maximum(np.stack(columns, axis=1), 0.0) if columns else np.empty((len(means), 0))


def between(means: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Sum of squares between cells: (replications, cells) cell means, (cells,) replicates -> (replications,)."""
    centre = (means * n).sum(axis=1, keepdims=True) / n.sum()
    return np.asarray((n * (means - centre) ** 2).sum(axis=1))


def explained(means: np.ndarray, design: Design, basis: np.ndarray) -> np.ndarray:
    """Sum of squares about the mean that a basis explains: (replications, cells) cell means -> (replications,)."""
    weighted = means * np.sqrt(design.n)
    return _projected(weighted, basis) - _projected(weighted, design.basis([]))


def _projected(weighted: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return np.asarray(((weighted @ basis) ** 2).sum(axis=1))


def resampled_means(
    values: Sequence[np.ndarray], count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrap of the residuals within cells: (count, cells) means and (count,) sums of squares within cells.

    Residuals are scaled by sqrt(n / (n - 1)), because n values scatter less about their own mean than about the true
    one (Efron and Tibshirani 1993, section 9.5).

    Args:
        values: the values (n,) of each cell; n may differ between cells.
        count: number of resamples.
        rng: source of the resampled positions.
    """
    means = np.empty((count, len(values)))
    within = np.zeros(count)
    for start, cells in _blocks_of_equal_size(values, max(1, BLOCK // count)):
        n = cells.shape[1]
        mean = cells.mean(axis=1, keepdims=True)
        residual = (cells - mean) * (np.sqrt(n / (n - 1)) if n > 1 else 0.0)
        # One call for all cells draws the same numbers as one call per cell.
        positions = rng.integers(0, n, (len(cells), count, n))
        drawn = np.take_along_axis(np.broadcast_to(residual[:, None], positions.shape), positions, axis=2)
        means[:, start : start + len(cells)] = (mean + drawn.mean(axis=2)).T
        for squares in ((drawn - drawn.mean(axis=2, keepdims=True)) ** 2).sum(axis=2):
            within += squares
    return means, within


def _blocks_of_equal_size(values: Sequence[np.ndarray], limit: int) -> Iterator[tuple[int, np.ndarray]]:
    """(first cell, values (cells, n)) of successive cells with the same n, at most about `limit` values at a time."""
    start = 0
    while start < len(values):
        n, end = len(values[start]), start + 1
        while end < len(values) and len(values[end]) == n and (end - start) * n < limit:
            end += 1
        yield start, np.stack(values[start:end])
        start = end
