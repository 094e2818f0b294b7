"""Sums of squares of a balanced grid agree with a published analysis, with least squares and with closed forms."""

from itertools import combinations

import numpy as np
import pytest
from published_examples import WARP

from gan_bench.seeds import generator
from gan_bench.stats.estimate.anova import between, resampled_means, sums_of_squares, terms


def test_warp_breaks() -> None:
    """summary(aov(breaks ~ wool * tension)) in R has the sums of squares 450.7, 2034.3 and 1002.8.

    Their degrees of freedom are 1, 2 and 2.
    """
    means = np.array([np.mean(cell) for cell in WARP.values()]).reshape(1, 2, 3)
    assert terms((2, 3)) == {(0,): 1, (1,): 2, (0, 1): 2}
    assert sums_of_squares(means, 9)[0] == pytest.approx([450.7, 2034.3, 1002.8], abs=0.05)
    assert between(means, 9)[0] == pytest.approx(sums_of_squares(means, 9)[0].sum())


def test_terms_of_three_axes_are_what_least_squares_add() -> None:
    """A term's sum of squares is the decrease of the residual sum of squares when its dummy variables are added.

    In a balanced grid, the order in which terms are added does not matter.
    """
    shape, n = (2, 3, 4), 2
    y = np.random.default_rng(0).normal(size=(*shape, n))
    places = np.indices(y.shape).reshape(4, -1)
    columns = [np.ones((y.size, 1))]
    residuals = [float(((y - y.mean()) ** 2).sum())]
    order = [*((i,) for i in range(3)), *combinations(range(3), 2)]
    for term in order:
        codes = np.ravel_multi_index([places[axis] for axis in term], [shape[axis] for axis in term])
        columns.append(np.eye(codes.max() + 1)[codes])
        matrix = np.concatenate(columns, axis=1)
        fitted = matrix @ np.linalg.lstsq(matrix, y.ravel(), rcond=None)[0]
        residuals.append(float(((y.ravel() - fitted) ** 2).sum()))
    assert list(terms(shape)) == order
    assert sums_of_squares(y.mean(axis=-1)[None], n)[0] == pytest.approx(-np.diff(residuals))


def test_seeds_redrawn_within_cells_keep_means_and_spread() -> None:
    """The expected variance of a redrawn cell is the sample variance of the cell: 1 for the values 0 and sqrt 2."""
    cells = np.array([[0.0, np.sqrt(2)], [5.0, 5.0]])
    means, within = resampled_means(cells, 20_000, generator(0, "bootstrap"))
    assert means.mean(axis=0) == pytest.approx([np.sqrt(2) / 2, 5], abs=0.02)
    assert means.var(axis=0) == pytest.approx([0.5, 0], abs=0.02)
    assert within.mean() == pytest.approx(1.0, abs=0.03)


def test_cells_drawn_in_blocks_have_the_bits_of_cells_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.exp(np.random.default_rng(2).standard_normal((14, 3)))
    together = resampled_means(values, 50, generator(0, "bootstrap"))
    monkeypatch.setattr("gan_bench.stats.estimate.anova.BLOCK", 400)
    blockwise = resampled_means(values, 50, generator(0, "bootstrap"))
    np.testing.assert_array_equal(blockwise[0], together[0])
    np.testing.assert_array_equal(blockwise[1], together[1])
