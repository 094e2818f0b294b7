"""How much of the variance of a score each axis of the grid explains, for every data set and metric."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.anova import Effect, Grid, between, effects, explained, resampled_means, sums_of_squares
from gan_bench.stats.estimate.resample import SEED
from gan_bench.stats.tables.score_matrix import KEY, badness_of, comparable

#: Columns of the table of runs that are axes; the two optimizers are one where they agree throughout.
AXES = ("method", "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer")
RESPONSES = ("values", "ranks")
RESAMPLES = 500

CELL, RESIDUAL, TOTAL, ALL_CELLS = "rest of the cell", "seeds (residual)", "total", "variant"

COLUMNS = [
    *(*KEY, "response", "axis", "kind", "n_levels", "df", "sum_sq", "f", "p", "eta_sq", "eta_low", "eta_high"),
    *("omega_sq", "eta_alone", "n_runs", "n_cells", "note"),
]


@dataclass(frozen=True)
class Layout:
    """The grid of one set of cells: what varies, what does not, and what cannot be told apart.

    `whole`: basis of all main effects and two-way interactions together.
    """

    grid: Grid
    found: list[Effect]
    whole: np.ndarray
    constant: dict[str, str]
    confounded: dict[str, str]


def axes_table(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> pd.DataFrame:
    """Rows for every data set, metric, response and term, columns COLUMNS.

    "values": of scored runs. "ranks": of scored and lost runs, which share the last rank. Type II sums of squares; eta
    squared is the share of the total, omega squared is freed of what chance adds. Shares of an unbalanced grid need not
    add up to 1. `variant` is all that the settings of a cell explain together, axes and what no column names.
    """
    rows = comparable(runs)
    axes = _axes(rows)
    rows = rows.assign(badness=badness_of(rows)).drop(columns=list(AXES)).assign(**axes)
    layouts: dict[bytes, Layout] = {}
    found = []
    for (dataset, metric), part in rows.groupby(["dataset", "metric"], sort=False):
        key = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        key |= {"label": labels.get((dataset, metric), metric), "direction": part["direction"].iloc[0]}
        for response in RESPONSES:
            for row in _terms(_responses(part, response), layouts):
                found.append({**key, "response": response, **row})
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.astype(dict.fromkeys(["n_levels", "df", "n_runs", "n_cells"], "Int64"))


def _axes(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The axes' columns as words, "none" where a run has none; `optimizer` for both where they agree."""
    columns = {axis: rows[axis].astype("object").where(rows[axis].notna(), "none") for axis in AXES}
    if (columns["g_optimizer"] == columns["d_optimizer"]).all():
        columns["optimizer"] = columns.pop("g_optimizer")
        del columns["d_optimizer"]
    return columns


def _responses(part: pd.DataFrame, response: str) -> pd.DataFrame:
    """Rows that have a response, in column `y`: smaller is better."""
    kept = part[part["badness"].notna()] if response == "ranks" else part[np.isfinite(part["badness"])]
    y = stats.rankdata(kept["badness"]) if response == "ranks" else kept["badness"].to_numpy()
    return kept.assign(y=y)


def _terms(rows: pd.DataFrame, layouts: dict[bytes, Layout]) -> Iterable[dict[str, Any]]:
    first = rows.drop_duplicates("cell")
    shared = {"n_runs": len(rows), "n_cells": len(first)}
    if len(first) < 2:
        note = "no run to explain" if rows.empty else "one cell: no axis varies"
        return [{**shared, "axis": TOTAL, "kind": "total", "note": note}]
    cell = pd.factorize(rows["cell"])[0]
    sizes = np.bincount(cell)
    values = np.split(rows["y"].to_numpy()[np.argsort(cell, kind="stable")], np.cumsum(sizes)[:-1])
    key = repr([first["cell"].tolist(), sizes.tolist()]).encode()
    if key not in layouts:
        layouts[key] = _layout(first, sizes)
    return [{**shared, **row} for row in _decomposed(layouts[key], values)]


def _layout(cells: pd.DataFrame, sizes: np.ndarray) -> Layout:
    """`cells`: a row of each; `sizes`: how many runs each has."""
    axes = [axis for axis in (*AXES[:-2], "optimizer", *AXES[-2:]) if axis in cells]
    levels = {axis: np.array(cells[axis].tolist(), dtype=str) for axis in axes}
    constant = {axis: str(found[0]) for axis, found in levels.items() if len(set(found)) == 1}
    codes = {axis: np.unique(found, return_inverse=True)[1] for axis, found in levels.items() if axis not in constant}
    grid = Grid(codes, sizes.astype(np.float64))
    found = effects(grid)
    confounded = {e.term[0]: _twin(grid, e.term[0]) for e in found if len(e.term) == 1 and e.df == 0}
    kept = [e for e in found if e.df > 0]
    whole = grid.basis([*((axis,) for axis in grid.axes), *(e.term for e in kept if len(e.term) == 2)])
    return Layout(grid, kept, whole, constant, confounded)


def _twin(grid: Grid, axis: str) -> str:
    """The axis that decides this one's level, if a single one does."""
    for other in grid.axes:
        pairs = {*zip(grid.levels[other], grid.levels[axis], strict=True)}
        if other != axis and len(pairs) == len(set(grid.levels[other])):
            return other
    return "the other axes together"


def _decomposed(layout: Layout, values: list[np.ndarray]) -> list[dict[str, Any]]:
    grid, n = layout.grid, int(layout.grid.n.sum())
    means = np.array([[cell.mean() for cell in values]])
    within = np.array([sum(((cell - cell.mean()) ** 2).sum() for cell in values)])
    names, degrees, squares = _table(layout, means, within)
    total = float(squares[0, -1])
    rows = [
        {"axis": axis, "kind": "constant", "n_levels": 1, "note": f"does not vary: {value}"}
        for axis, value in layout.constant.items()
    ]
    alone = {axis: float(explained(means, grid, grid.basis([(axis,)]))[0]) for axis in grid.axes}
    rows += [
        {"axis": axis, "kind": "confounded", "n_levels": _levels(grid, axis), "note": f"cannot be told from {other}"}
        | ({"eta_alone": alone[axis] / total} if total > 0 else {})
        for axis, other in layout.confounded.items()
    ]
    if total <= 0:
        return [*rows, {"axis": TOTAL, "kind": "total", "df": n - 1, "sum_sq": 0.0, "note": "all runs are equal"}]
    error = float(within[0]) / (n - len(values)) if n > len(values) else np.nan
    low, high = _interval(layout, values)
    for i, (axis, kind) in enumerate(names):
        row: dict[str, Any] = {"axis": axis, "kind": kind, "df": degrees[i], "sum_sq": float(squares[0, i])}
        row |= {"eta_sq": row["sum_sq"] / total, "n_levels": _levels(grid, axis)}
        if axis in alone:
            row["eta_alone"] = alone[axis] / total
        if kind != "total":
            row |= {"eta_low": low[i], "eta_high": high[i]}
        if kind not in ("residual", "total") and degrees[i]:
            row |= _tested(row["sum_sq"], degrees[i], error, n - len(values), total)
        rows.append(row)
    rows[-1]["note"] = _note(layout, n - len(values))
    return rows


def _table(
    layout: Layout, means: np.ndarray, within: np.ndarray
) -> tuple[list[tuple[str, str]], list[int], np.ndarray]:
    """Names with kinds, degrees of freedom, and (replications, terms) sums of squares; the total is last."""
    grid, cells = layout.grid, means.shape[1]
    n = int(grid.n.sum())
    names = [(" x ".join(e.term), "axis" if len(e.term) == 1 else "interaction") for e in layout.found]
    cell = between(means, grid.n)
    left = cells - layout.whole.shape[1]
    # Without a degree of freedom, what is left is rounding.
    rest = np.maximum(cell - explained(means, grid, layout.whole), 0.0) if left else np.zeros(len(means))
    columns = [sums_of_squares(layout.found, grid, means), rest[:, None], cell[:, None], within[:, None]]
    names += [(CELL, "cell"), (ALL_CELLS, "variant"), (RESIDUAL, "residual"), (TOTAL, "total")]
    degrees = [*(e.df for e in layout.found), left, cells - 1, n - cells, n - 1]
    return names, degrees, np.concatenate([*columns, (cell + within)[:, None]], axis=1)


def _tested(sum_sq: float, df: int, error: float, df_error: int, total: float) -> dict[str, float]:
    """F against the seeds' own variance, and omega squared (Hays 1963); nothing where a cell has one seed."""
    if not error > 0:
        return {}
    f = sum_sq / df / error
    omega = (sum_sq - df * error) / (total + error)
    return {"f": f, "p": float(stats.f.sf(f, df, df_error)), "omega_sq": max(0.0, omega)}


def _levels(grid: Grid, axis: str) -> int | None:
    return len(set(grid.levels[axis])) if axis in grid.levels else None


def _interval(layout: Layout, values: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each share over seeds redrawn within cells; NaN where no cell has two."""
    if max(len(cell) for cell in values) < 2:
        nothing = np.full(len(layout.found) + 4, np.nan)
        return nothing, nothing
    drawn = resampled_means(values, RESAMPLES, seeds.generator(SEED, "bootstrap"))
    squares = _table(layout, *drawn)[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = squares / squares[:, -1:]
    low, high = np.nanquantile(shares, [0.025, 0.975], axis=0)
    return low, high


def _note(layout: Layout, df_error: int) -> str | None:
    notes = [] if df_error else ["one seed in each cell: nothing to test against"]
    if layout.confounded:
        notes.append("axes that cannot be told apart share what they explain")
    return "; ".join(notes) or None
