"""The largest balanced part of a grid with gaps.

A part of a grid is balanced if every combination of its levels has runs. A level is a value of an axis. For example, if
only (b, y) is missing from the grid {a, b} x {x, y, z}, the largest balanced part is {a, b} x {x, z}.
"""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

Cell = tuple[str, ...]
"""Level of each axis."""

#: The search stops with TooManyGapsError after this many steps.
MOST_STEPS = 200_000


@dataclass(frozen=True)
class BalancedGrid:
    """Levels of each axis. Each cell (one level per axis) has at least `n` replicates (runs)."""

    levels: tuple[tuple[str, ...], ...]
    n: int


class TooManyGapsError(Exception):
    """The search takes more than MOST_STEPS steps."""


def largest_balanced(replicates: Mapping[Cell, int]) -> BalancedGrid | None:
    """The balanced grid with the largest number of cells times `n`; None if no balanced grid has two cells.

    Grids with at least two replicates in each cell are preferred to grids with one replicate per cell. Of grids with
    equal products, the one with the larger `n` is preferred. If `n` is equal too, the order of the cells in
    `replicates` decides.

    Raises:
        TooManyGapsError: if the search takes more than MOST_STEPS steps.
    """
    steps = [MOST_STEPS]
    best: BalancedGrid | None = None
    for n in sorted({n for n in replicates.values() if n > 0}, reverse=True):
        if n == 1 and best is not None:
            break
        cells = {cell: None for cell, count in replicates.items() if count >= n}
        least = 1 if best is None else max(1, _cells(best.levels) * best.n // n)
        levels = _largest(list(cells), least, steps)
        best = best if levels is None else BalancedGrid(levels, n)
    return best


def _cells(levels: Sequence[Sequence[str]]) -> int:
    return math.prod(map(len, levels))


def _largest(cells: Sequence[Cell], least: int, steps: list[int]) -> tuple[tuple[str, ...], ...] | None:
    """Levels of each axis of the largest balanced grid in `cells`; None if no grid has more than `least` cells.

    `steps`: a list with one item, the number of steps left. The search decreases it.
    """
    axes = len(cells[0]) if cells else 0
    order = sorted(range(axes), key=lambda axis: len({cell[axis] for cell in cells}))
    levels = _search([tuple(cell[axis] for axis in order) for cell in cells], least, steps)
    if levels is None:
        return None
    by_axis = dict(zip(order, levels, strict=True))
    return tuple(by_axis[axis] for axis in range(axes))


def _search(cells: Sequence[Cell], least: int, steps: list[int]) -> tuple[tuple[str, ...], ...] | None:
    """Like `_largest`, by branch and bound over sets of levels of the first axis. The axes keep their order."""
    if not cells or len(cells) <= least:
        return None
    if len(cells[0]) == 1:
        return (tuple(dict.fromkeys(cell[0] for cell in cells)),)
    rests: dict[str, dict[Cell, None]] = {}
    for cell in cells:
        rests.setdefault(cell[0], {})[cell[1:]] = None
    names, best = list(rests), None

    def extend(start: int, chosen: tuple[str, ...], common: Set[Cell] | None) -> None:
        nonlocal best, least
        for i in range(start, len(names)):
            steps[0] -= 1
            if steps[0] < 0:
                raise TooManyGapsError
            rest = rests[names[i]].keys() if common is None else common & rests[names[i]].keys()
            if (len(chosen) + len(names) - i) * len(rest) <= least:
                continue
            picked = (*chosen, names[i])
            extend(i + 1, picked, rest)
            in_order = [cell for cell in rests[names[i]] if cell in rest]
            inner = _search(in_order, least // len(picked), steps)
            if inner is not None:
                best = (picked, *inner)
                least = _cells(best)

    extend(0, (), None)
    return best
