"""The largest balanced part of a grid has the most runs of all parts, also if cells have unequal numbers of seeds."""

from itertools import chain, combinations, product

import numpy as np
import pytest

from gan_bench.stats.estimate import balanced
from gan_bench.stats.estimate.balanced import BalancedGrid, TooManyGapsError, largest_balanced


def test_a_complete_grid_is_itself() -> None:
    cells = dict.fromkeys(product("ab", "xyz"), 3)
    assert largest_balanced(cells) == BalancedGrid((("a", "b"), ("x", "y", "z")), 3)


def _most_runs(cells: dict[tuple[str, ...], int]) -> int:
    """Number of runs of the largest balanced grid with at least two cells and two seeds.

    All combinations of levels of the three axes are tried.
    """
    axes = [sorted({cell[i] for cell in cells}) for i in range(3)]
    subsets = [list(chain.from_iterable(combinations(axis, r) for r in range(1, len(axis) + 1))) for axis in axes]
    most = 0
    for levels in product(*subsets):
        counts = [cells.get(cell, 0) for cell in product(*levels)]
        if len(counts) > 1 and min(counts) > 1:
            most = max(most, len(counts) * min(counts))
    return most


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_largest_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = {cell: int(rng.integers(0, 4)) for cell in product("abc", "wxyz", "12")}
    cells = {cell: n for cell, n in cells.items() if n}
    grid = largest_balanced(cells)
    assert grid is not None and all(cells[cell] >= grid.n for cell in product(*grid.levels))
    assert len(list(product(*grid.levels))) * grid.n == _most_runs(cells)


def test_two_seeds_come_before_one() -> None:
    cells = {("a",): 2, ("b",): 2, **{(name,): 1 for name in "cdefg"}}
    assert largest_balanced(cells) == BalancedGrid((("a", "b"),), 2)


def test_cells_that_differ_in_two_axes_have_none() -> None:
    assert largest_balanced({("a", "x"): 3, ("b", "y"): 3}) is None


def test_a_search_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balanced, "MOST_STEPS", 3)
    with pytest.raises(TooManyGapsError):
        largest_balanced(dict.fromkeys(product("abcd", "wxyz"), 1))
