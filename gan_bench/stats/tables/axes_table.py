"""Share of a score's variance that each axis of the grid explains, per data set and metric.

An axis is a part of the settings that varies between cells, for example the loss. The values on an axis are its levels.
A cell is one variant on one data set.

In an unbalanced grid, the shares of the axes overlap or leave variance out. They do not add up to 1. The shares are
therefore computed on the largest balanced part of the grid. In this part, each combination of the levels is a cell with
at least n seeds, and the first n seeds of each cell are used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.anova import between, resampled_means, sums_of_squares, terms
from gan_bench.stats.estimate.balanced import BalancedGrid, TooManyGapsError, largest_balanced
from gan_bench.stats.estimate.resample import SEED
from gan_bench.stats.tables.cell_levels import AXES, OTHER, Levels
from gan_bench.stats.tables.score_matrix import KEY, Labels, comparable, key_of

RESPONSES = ("values", "ranks")
RESAMPLES = 500

HIGHER, RESIDUAL, TOTAL, ALL_CELLS = "interactions of three or more", "seeds (residual)", "total", "variant"

COLUMNS = [
    *(*KEY, "response", "axis", "kind", "n_levels", "df", "sum_sq", "f", "p", "eta_sq", "eta_low", "eta_high"),
    *("omega_sq", "n_runs", "n_cells", "note"),
]


@dataclass(frozen=True)
class Grid:
    """A balanced grid of cells.

    Attributes:
        names: names of the axes that vary in the grid.
        levels: levels of each of these axes.
        cells: ids of the cells, with one array dimension per axis in `names`.
        n: number of seeds per cell.
        constant: name of each axis that does not vary in the grid -> note on its only level.
        note: the grid in words.
    """

    names: list[str]
    levels: list[tuple[str, ...]]
    cells: np.ndarray
    n: int
    constant: dict[str, str]
    note: str


def axes_table(runs: pd.DataFrame, labels: Labels, levels: Levels) -> pd.DataFrame:
    """The table axes.csv: one row per data set, metric, response and term, columns COLUMNS.

    A response is the number whose variance is divided between the terms. Response "values" is the badness of scored
    runs (smaller is better). Response "ranks" is the rank of a run among all scored and lost runs; lost runs share the
    last ranks. A term is an axis, an interaction, the seeds, or a sum of these.

    `eta_sq` is the share of a term in the total sum of squares; `omega_sq` is this share corrected for chance. The
    shares of axes, interactions and seeds add up to 1. The share of the term "variant" is the sum of all shares except
    that of the seeds. The `note` of the term "total" names the part of the grid that is used, or gives the reason why
    no share is shown.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
        levels: level of each axis in each cell.
    """
    grids: dict[str, Grid | str] = {}
    table_rows = []
    for (dataset, _), part in comparable(runs).groupby(["dataset", "metric"], sort=False):
        key = key_of(part, labels)
        for response in RESPONSES:
            kept = part[part["badness"].notna()] if response == "ranks" else part[np.isfinite(part["badness"])]
            counts = {str(cell): int(n) for cell, n in kept["cell"].value_counts(sort=False).items()}
            cache = repr([dataset, counts])
            if cache not in grids:
                grids[cache] = balanced_grid(counts, {cell: levels[str(dataset), cell] for cell in counts})
            for row in _terms(kept, grids[cache], response):
                table_rows.append({**key, "response": response, **row})
    table = pd.DataFrame(table_rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["n_levels", "df", "n_runs", "n_cells"], "Int64"))


def balanced_grid(counts: Mapping[str, int], levels: Mapping[str, Mapping[str, str]]) -> Grid | str:
    """The largest balanced grid of cells, or the reason in words why there is none. `counts`: number of runs by cell.

    Axes that determine each other in all cells become one axis. Example: G and D have the same optimizer in every cell.
    """
    if len(counts) < 2:
        return "one cell: no axis varies" if counts else "no run has a score"
    cells = list(counts)
    columns = {axis: [levels[cell][axis] for cell in cells] for axis in (*AXES, OTHER)}
    constant = {axis: f"does not vary: {texts[0]}" for axis, texts in columns.items() if len(set(texts)) == 1}
    merged = _merged({axis: texts for axis, texts in columns.items() if axis not in constant})
    by_levels = dict(zip(zip(*merged.values(), strict=True), cells, strict=True))
    try:
        grid = largest_balanced({texts: counts[cell] for texts, cell in by_levels.items()})
    except TooManyGapsError:
        return "not shown: the grid has too many gaps to search it for its largest balanced part"
    if grid is None:
        return "not shown: no balanced part, because no two cells differ in exactly one axis"
    constant |= {
        axis: f"held at {names[0]} in the balanced part"
        for axis, names in zip(merged, grid.levels, strict=True)
        if len(names) == 1
    }
    varying = {axis: names for axis, names in zip(merged, grid.levels, strict=True) if len(names) > 1}
    shape = tuple(len(names) for names in grid.levels)
    places = np.array([by_levels[combination] for combination in product(*grid.levels)], dtype=object)
    cells_of = places.reshape(tuple(size for size in shape if size > 1))
    note = _note(varying, grid, len(places), counts)
    return Grid(list(varying), list(varying.values()), cells_of, grid.n, constant, note)


def _merged(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Join the axes that determine each other, and return the new columns. A joined axis has the names of all its axes.

    If the levels of two joined axes have equal names, the name appears only once.
    """
    merged: list[tuple[list[str], list[str]]] = []
    for axis, texts in columns.items():
        for names, joined in merged:
            if len(set(joined)) == len(set(texts)) == len(set(zip(joined, texts, strict=True))):
                names.append(axis)
                joined[:] = [a if b in a.split(" / ") else f"{a} / {b}" for a, b in zip(joined, texts, strict=True)]
                break
        else:
            merged.append(([axis], list(texts)))
    name = {"g_optimizer + d_optimizer": "optimizer"}
    return {name.get(text := " + ".join(names), text): joined for names, joined in merged}


def _note(varying: dict[str, tuple[str, ...]], grid: BalancedGrid, n_cells: int, counts: Mapping[str, int]) -> str:
    used, total = n_cells * grid.n, sum(counts.values())
    axes = " x ".join(f"{axis} ({'; '.join(names)})" for axis, names in varying.items())
    whole = "the whole grid" if used == total else f"{used} of {total} runs, {n_cells} of {len(counts)} cells"
    note = f"{whole}: {axes}, {grid.n} seed{'s' * (grid.n > 1)} each"
    return note if grid.n > 1 else f"{note}; no test, because one seed shows no variance between seeds"


def _terms(rows: pd.DataFrame, grid: Grid | str, response: str) -> Iterator[dict[str, Any]]:
    """Rows of the table for one response."""
    if isinstance(grid, str):
        yield {"axis": TOTAL, "kind": "total", "n_runs": len(rows), "n_cells": rows["cell"].nunique(), "note": grid}
        return
    cells = grid.cells.ravel()
    used = rows[rows["cell"].isin(set(cells))].sort_values("seed", kind="stable")
    used = used.groupby("cell", sort=False).head(grid.n)
    y = stats.rankdata(used["badness"]) if response == "ranks" else used["badness"].to_numpy(dtype=np.float64)
    values = used.assign(y=y).groupby("cell", sort=False)["y"].apply(np.array)
    shared = {"n_runs": len(used), "n_cells": len(cells)}
    for row in _decomposition(grid, np.stack([values[cell] for cell in cells])):
        yield {**shared, **row}


def _decomposition(grid: Grid, values: np.ndarray) -> Iterator[dict[str, Any]]:
    """Rows of the table from the responses (cells, n)."""
    shape, n = grid.cells.shape, values.size
    within = np.array([((values - values.mean(axis=1, keepdims=True)) ** 2).sum()])
    squares = _squares(values.mean(axis=1)[None], within, shape, grid.n)
    degrees = terms(shape)
    df_error, total = n - len(values), float(squares[0, -1])
    for axis, note in grid.constant.items():
        yield {"axis": axis, "kind": "constant", "n_levels": 1, "note": note}
    if total <= 0:
        yield {"axis": TOTAL, "kind": "total", "df": n - 1, "sum_sq": 0.0, "note": "all runs are equal"}
        return
    low, high = _interval(values, shape)
    names = [(" x ".join(grid.names[i] for i in term), "axis" if len(term) == 1 else "interaction") for term in degrees]
    names += [(HIGHER, "cell"), (ALL_CELLS, "variant"), (RESIDUAL, "residual"), (TOTAL, "total")]
    n_levels = dict(zip(grid.names, map(len, grid.levels), strict=True))
    df_higher = len(values) - 1 - sum(degrees.values())
    for i, df in enumerate([*degrees.values(), df_higher, len(values) - 1, df_error, n - 1]):
        axis, kind = names[i]
        if kind == "cell" and not df:
            continue
        row: dict[str, Any] = {"axis": axis, "kind": kind, "df": df, "sum_sq": float(squares[0, i])}
        row |= {"eta_sq": row["sum_sq"] / total, "n_levels": n_levels.get(axis)}
        if kind == "total":
            row["note"] = grid.note
        else:
            row |= {"eta_low": low[i], "eta_high": high[i]}
        if kind not in ("residual", "total") and within[0] > 0:
            row |= _test(row["sum_sq"], df, float(within[0]) / df_error, df_error, total)
        yield row


def _squares(means: np.ndarray, within: np.ndarray, shape: tuple[int, ...], n: int) -> np.ndarray:
    """Sums of squares (sets, terms) from cell means (sets, cells) and sums of squares within cells (sets,).

    The last four terms are interactions of three or more axes, all cells, seeds, and the total.
    """
    main = sums_of_squares(means.reshape(-1, *shape), n)
    cell = between(means, n)
    # With two axes or fewer there are no such interactions. `cell` and the sum of `main` then differ only by a rounding
    # error.
    higher = np.maximum(cell - main.sum(axis=1), 0.0) * (len(shape) > 2)
    return np.column_stack([main, higher, cell, within, cell + within])


def _test(sum_sq: float, df: int, error: float, df_error: int, total: float) -> dict[str, float]:
    """F statistic against the variance between seeds, its p value, and omega squared (Hays 1963)."""
    f = sum_sq / df / error
    omega = (sum_sq - df * error) / (total + error)
    return {"f": f, "p": float(stats.f.sf(f, df, df_error)), "omega_sq": max(0.0, omega)}


def _interval(values: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each share, by resampling seeds within cells; NaN if cells have one seed."""
    n = values.shape[1]
    if n < 2:
        undefined = np.full(len(terms(shape)) + 4, np.nan)
        return undefined, undefined
    squares = _squares(*resampled_means(values, RESAMPLES, seeds.generator(SEED, "bootstrap")), shape, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = squares / squares[:, -1:]
    low, high = np.nanquantile(shares, [0.025, 0.975], axis=0)
    return low, high
