"""Sums of squares against a published analysis, against least squares, and closed forms."""

import numpy as np
import pytest

from gan_bench.seeds import generator
from gan_bench.stats.estimate.anova import Design, between, effects, resampled_means, sums_of_squares

#: Tippett 1950, warp breaks (R's `warpbreaks`): wool A and B at low, medium and high tension, nine looms each.
WARP = {
    ("A", "L"): [26, 30, 54, 25, 70, 52, 51, 26, 67],
    ("A", "M"): [18, 21, 29, 17, 12, 18, 35, 30, 36],
    ("A", "H"): [36, 21, 24, 18, 10, 43, 28, 15, 26],
    ("B", "L"): [27, 14, 29, 19, 29, 31, 41, 20, 44],
    ("B", "M"): [42, 26, 19, 16, 39, 28, 21, 39, 29],
    ("B", "H"): [20, 21, 24, 17, 13, 15, 15, 16, 28],
}


def _design(cells: dict[tuple[str, ...], list[int]]) -> tuple[Design, np.ndarray]:
    levels = {name: np.array([key[i] for key in cells]) for i, name in enumerate(("wool", "tension"))}
    codes = {name: np.unique(labels, return_inverse=True)[1] for name, labels in levels.items()}
    n = np.array([len(cell) for cell in cells.values()], dtype=float)
    return Design(codes, n), np.array([[np.mean(cell) for cell in cells.values()]])


def test_warp_breaks() -> None:
    """R, summary(aov(breaks ~ wool * tension)): 450.7 on 1, 2034.3 on 2, 1002.8 on 2."""
    design, means = _design(WARP)
    terms = effects(design)
    assert [(e.term, e.df) for e in terms] == [(("wool",), 1), (("tension",), 2), (("wool", "tension"), 2)]
    assert sums_of_squares(terms, design, means)[0] == pytest.approx([450.7, 2034.3, 1002.8], abs=0.05)
    # In a balanced design the parts add up to the sum of squares between cells.
    assert between(means, design.n)[0] == pytest.approx(sums_of_squares(terms, design, means)[0].sum())


def _residual(columns: list[np.ndarray], y: np.ndarray) -> float:
    matrix = np.stack([np.ones(len(y)), *columns], axis=1)
    fitted = matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0]
    return float(((y - fitted) ** 2).sum())


def test_unbalanced_type_two_is_the_difference_of_two_fits() -> None:
    """Least squares on the single runs with explicit dummies: each effect is added to those that do not contain it."""
    cells = {key: values[: 9 - 2 * i] if i < 4 else values for i, (key, values) in enumerate(WARP.items())}
    design, means = _design(cells)
    y = np.array([value for values in cells.values() for value in values], dtype=float)
    wool = np.array([key[0] == "B" for key, values in cells.items() for _ in values], dtype=float)
    low, medium = (
        np.array([key[1] == level for key, values in cells.items() for _ in values], dtype=float) for level in "LM"
    )
    mains = [wool, low, medium]
    expected = [
        _residual([low, medium], y) - _residual(mains, y),
        _residual([wool], y) - _residual(mains, y),
        _residual(mains, y) - _residual([*mains, wool * low, wool * medium], y),
    ]
    assert sums_of_squares(effects(design), design, means)[0] == pytest.approx(expected)


def test_an_axis_that_repeats_another_has_no_degrees_of_freedom() -> None:
    design = Design({"loss": np.array([0, 1, 2]), "penalty": np.array([0, 1, 1])}, np.full(3, 4.0))
    assert {e.term: e.df for e in effects(design)} == {("loss",): 1, ("penalty",): 0, ("loss", "penalty"): 0}


def test_seeds_redrawn_within_cells_keep_means_and_spread() -> None:
    """Residuals of n values are stretched so that their variance is unbiased: here 1 in the cell (0, sqrt 2)."""
    cells = [np.array([0.0, np.sqrt(2)]), np.array([5.0, 5.0, 5.0])]
    means, within = resampled_means(cells, 20_000, generator(0, "bootstrap"))
    assert means.mean(axis=0) == pytest.approx([np.sqrt(2) / 2, 5], abs=0.02)
    assert means.var(axis=0) == pytest.approx([0.5, 0], abs=0.02)
    assert within.mean() == pytest.approx(1.0, abs=0.03)


def test_cells_drawn_together_have_the_bits_of_cells_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    values = [np.exp(rng.standard_normal(n)) for n in (4, 4, 4, 1, 1, 3, 4, 9, 9, 2, 2, 2, 2, 5)]
    count, one_by_one = 50, generator(0, "bootstrap")
    means, within = np.empty((count, len(values))), np.zeros(count)
    for i, cell in enumerate(values):
        n = len(cell)
        residual = (cell - cell.mean()) * (np.sqrt(n / (n - 1)) if n > 1 else 0.0)
        drawn = residual[one_by_one.integers(0, n, (count, n))]
        means[:, i] = cell.mean() + drawn.mean(axis=1)
        within += ((drawn - drawn.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    for block in (1, 7 * count, 10**6):
        monkeypatch.setattr("gan_bench.stats.estimate.anova.BLOCK", block)
        blockwise = resampled_means(values, count, generator(0, "bootstrap"))
        np.testing.assert_array_equal(blockwise[0], means)
        np.testing.assert_array_equal(blockwise[1], within)
