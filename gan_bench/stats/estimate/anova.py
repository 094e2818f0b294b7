"""What explains the variance between runs: sums of squares of the axes of a grid that need not be balanced.

Cells are points of the grid with n replicates (seeds) each. All that the grid can explain lies in the cells' means, so
a sum of squares is that of the means' projection, weighted by n; the rest is that within cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: Numbers that are redrawn at once.
BLOCK = 2_000_000

Term = tuple[str, ...]
"""Axes that make up a term: one for a main effect, two for an interaction, none for the mean."""


@dataclass(frozen=True)
class Grid:
    """Levels (cells,) of every axis that varies, and replicates (cells,)."""

    levels: Mapping[str, np.ndarray]
    n: np.ndarray

    @property
    def axes(self) -> list[str]:
        return list(self.levels)

    def basis(self, terms: Sequence[Term]) -> np.ndarray:
        """(cells, rank) orthonormal basis of the mean and the terms, in the space weighted by the root of n."""
        columns = [np.ones((len(self.n), 1)), *(self._dummies(term) for term in terms)]
        design = np.concatenate(columns, axis=1) * np.sqrt(self.n)[:, None]
        u, s, _ = np.linalg.svd(design, full_matrices=False)
        return u[:, s > 1e-9 * s[0]]

    def _dummies(self, term: Term) -> np.ndarray:
        codes = np.unique(np.stack([self.levels[axis] for axis in term]), axis=1, return_inverse=True)[1].ravel()
        return np.asarray(np.eye(codes.max() + 1)[codes])


@dataclass(frozen=True)
class Effect:
    """One term: its degrees of freedom and the pair of bases whose projections differ by its sum of squares."""

    term: Term
    df: int
    with_it: np.ndarray
    without: np.ndarray


def effects(grid: Grid) -> list[Effect]:
    """Every main effect and two-way interaction, type II: each beside all terms that do not contain it.

    A main effect is what its axis adds to the other main effects, an interaction what it adds to all main effects and
    the other interactions (Langsrud 2003, Stat. Comput. 13:163). `df` 0: nothing, it cannot be told from the others.
    """
    mains: list[Term] = [(axis,) for axis in grid.axes]
    pairs: list[Term] = list(combinations(grid.axes, 2))
    whole_mains, whole = grid.basis(mains), grid.basis([*mains, *pairs])
    found = [_effect(term, whole_mains, grid.basis([t for t in mains if t != term])) for term in mains]
    return found + [_effect(term, whole, grid.basis([*mains, *(t for t in pairs if t != term)])) for term in pairs]


def _effect(term: Term, with_it: np.ndarray, without: np.ndarray) -> Effect:
    return Effect(term, with_it.shape[1] - without.shape[1], with_it, without)


def sums_of_squares(found: Sequence[Effect], grid: Grid, means: np.ndarray) -> np.ndarray:
    """(replications, cells) means -> (replications, effects)."""
    weighted = means * np.sqrt(grid.n)
    columns = [_explained(weighted, e.with_it) - _explained(weighted, e.without) for e in found]
    return np.maximum(np.stack(columns, axis=1), 0.0) if columns else np.empty((len(means), 0))


def between(means: np.ndarray, n: np.ndarray) -> np.ndarray:
    """(replications, cells) -> (replications,): sum of squares between all cells."""
    centre = (means * n).sum(axis=1, keepdims=True) / n.sum()
    return np.asarray((n * (means - centre) ** 2).sum(axis=1))


def explained(means: np.ndarray, grid: Grid, basis: np.ndarray) -> np.ndarray:
    """(replications, cells) -> (replications,): sum of squares about the mean that a basis explains."""
    weighted = means * np.sqrt(grid.n)
    return _explained(weighted, basis) - _explained(weighted, grid.basis([]))


def _explained(weighted: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return np.asarray(((weighted @ basis) ** 2).sum(axis=1))


def resampled_means(
    values: Sequence[np.ndarray], count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Seeds redrawn within cells: (count, cells) means and (count,) sums of squares within cells.

    Residuals are stretched by sqrt(n / (n - 1)), as those of n values about their own mean are too short (Efron and
    Tibshirani 1993, section 9.5).
    """
    means = np.empty((count, len(values)))
    within = np.zeros(count)
    for start, cells in _alike(values, max(1, BLOCK // count)):
        n = cells.shape[1]
        mean = cells.mean(axis=1, keepdims=True)
        residual = (cells - mean) * (np.sqrt(n / (n - 1)) if n > 1 else 0.0)
        # One call for all cells draws what a call for each of them would.
        places = rng.integers(0, n, (len(cells), count, n))
        drawn = np.take_along_axis(np.broadcast_to(residual[:, None], places.shape), places, axis=2)
        means[:, start : start + len(cells)] = (mean + drawn.mean(axis=2)).T
        for spread in ((drawn - drawn.mean(axis=2, keepdims=True)) ** 2).sum(axis=2):
            within += spread
    return means, within


def _alike(values: Sequence[np.ndarray], most: int) -> Iterator[tuple[int, np.ndarray]]:
    """(first cell, (cells, n) values) of neighbouring cells of equally many values, about `most` values at a time."""
    start = 0
    while start < len(values):
        n, end = len(values[start]), start + 1
        while end < len(values) and len(values[end]) == n and (end - start) * n < most:
            end += 1
        yield start, np.stack(values[start:end])
        start = end
