"""Share of a score's variance that each axis of the grid explains, per data set and metric."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.anova import (
    Design,
    Effect,
    between,
    effects,
    explained,
    resampled_means,
    sums_of_squares,
)
from gan_bench.stats.estimate.resample import SEED
from gan_bench.stats.tables.score_matrix import KEY, badness_of, comparable

#: Columns of runs.csv that are axes. The optimizers are one axis, "optimizer", where both are equal in all runs.
AXES = ("method", "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer")
RESPONSES = ("values", "ranks")
RESAMPLES = 500

CELL, RESIDUAL, TOTAL, ALL_CELLS = "rest of the cell", "seeds (residual)", "total", "variant"

COLUMNS = [
    *(*KEY, "response", "axis", "kind", "n_levels", "df", "sum_sq", "f", "p", "eta_sq", "eta_low", "eta_high"),
    *("omega_sq", "eta_alone", "n_runs", "n_cells", "note"),
]


@dataclass(frozen=True)
class AxisModel:
    """Model of a set of cells.

    Attributes:
        design: levels of the axes that vary, and runs per cell.
        effects: main effects and two-way interactions with at least one degree of freedom.
        basis: of all these effects together, (cells, rank).
        constant: the only level, by axis that does not vary.
        confounded: axis -> the axis (or words) that it cannot be told from.
    """

    design: Design
    effects: list[Effect]
    basis: np.ndarray
    constant: dict[str, str]
    confounded: dict[str, str]


def axes_table(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> pd.DataFrame:
    """The table axes.csv: one row per data set, metric, response and term, columns COLUMNS.

    Response "values" is the badness of scored runs. "ranks" ranks scored and lost runs, where lost runs share the last
    rank. Sums of squares are of type II. `eta_sq` is the share of the total, `omega_sq` the same corrected for chance.
    Shares of an unbalanced grid need not add up to 1. The term "variant" is all that the settings of a cell explain:
    the axes, and settings that are in no column.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
    """
    rows = comparable(runs)
    axes = _axes(rows)
    rows = rows.assign(badness=badness_of(rows)).drop(columns=list(AXES)).assign(**axes)
    models: dict[bytes, AxisModel] = {}
    table_rows = []
    for (dataset, metric), part in rows.groupby(["dataset", "metric"], sort=False):
        key = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        key |= {"label": labels.get((dataset, metric), metric), "direction": part["direction"].iloc[0]}
        for response in RESPONSES:
            for row in _terms(_responses(part, response), models):
                table_rows.append({**key, "response": response, **row})
    table = pd.DataFrame(table_rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["n_levels", "df", "n_runs", "n_cells"], "Int64"))


def _axes(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Columns of the axes as text, "none" where a run has none; `optimizer` where both optimizers are equal."""
    columns = {axis: rows[axis].astype("object").where(rows[axis].notna(), "none") for axis in AXES}
    if (columns["g_optimizer"] == columns["d_optimizer"]).all():
        columns["optimizer"] = columns.pop("g_optimizer")
        del columns["d_optimizer"]
    return columns


def _responses(part: pd.DataFrame, response: str) -> pd.DataFrame:
    """Rows that have a response, with it in column `y`; smaller is better."""
    kept = part[part["badness"].notna()] if response == "ranks" else part[np.isfinite(part["badness"])]
    y = stats.rankdata(kept["badness"]) if response == "ranks" else kept["badness"].to_numpy()
    return kept.assign(y=y)


def _terms(rows: pd.DataFrame, models: dict[bytes, AxisModel]) -> Iterable[dict[str, Any]]:
    """Rows of the table for one response. `models`: cache by cells and their sizes, as metrics share their cells."""
    first = rows.drop_duplicates("cell")
    shared = {"n_runs": len(rows), "n_cells": len(first)}
    if len(first) < 2:
        note = "no run to explain" if rows.empty else "one cell: no axis varies"
        return [{**shared, "axis": TOTAL, "kind": "total", "note": note}]
    cell = pd.factorize(rows["cell"])[0]
    sizes = np.bincount(cell)
    values = np.split(rows["y"].to_numpy()[np.argsort(cell, kind="stable")], np.cumsum(sizes)[:-1])
    key = repr([first["cell"].tolist(), sizes.tolist()]).encode()
    if key not in models:
        models[key] = _model(first, sizes)
    return [{**shared, **row} for row in _decomposition(models[key], values)]


def _model(cells: pd.DataFrame, sizes: np.ndarray) -> AxisModel:
    """The model of cells. `cells`: one row per cell; `sizes`: (cells,) numbers of runs."""
    axes = [axis for axis in (*AXES[:-2], "optimizer", *AXES[-2:]) if axis in cells]
    levels = {axis: np.array(cells[axis].tolist(), dtype=str) for axis in axes}
    constant = {axis: str(names[0]) for axis, names in levels.items() if len(set(names)) == 1}
    codes = {axis: np.unique(names, return_inverse=True)[1] for axis, names in levels.items() if axis not in constant}
    design = Design(codes, sizes.astype(np.float64))
    candidates = effects(design)
    confounded = {e.term[0]: _twin(design, e.term[0]) for e in candidates if len(e.term) == 1 and e.df == 0}
    kept = [e for e in candidates if e.df > 0]
    basis = design.basis([*((axis,) for axis in design.axes), *(e.term for e in kept if len(e.term) == 2)])
    return AxisModel(design, kept, basis, constant, confounded)


def _twin(design: Design, axis: str) -> str:
    """The axis whose level determines the level of `axis`, if a single one does."""
    for other in design.axes:
        pairs = {*zip(design.levels[other], design.levels[axis], strict=True)}
        if other != axis and len(pairs) == len(set(design.levels[other])):
            return other
    return "the other axes together"


def _decomposition(model: AxisModel, values: list[np.ndarray]) -> list[dict[str, Any]]:
    """Rows of the table from the responses of each cell."""
    design, n = model.design, int(model.design.n.sum())
    means = np.array([[cell.mean() for cell in values]])
    within = np.array([sum(((cell - cell.mean()) ** 2).sum() for cell in values)])
    names, degrees, squares = _sums(model, means, within)
    total = float(squares[0, -1])
    rows = [
        {"axis": axis, "kind": "constant", "n_levels": 1, "note": f"does not vary: {value}"}
        for axis, value in model.constant.items()
    ]
    alone = {axis: float(explained(means, design, design.basis([(axis,)]))[0]) for axis in design.axes}
    rows += [
        {"axis": axis, "kind": "confounded", "n_levels": _levels(design, axis), "note": f"cannot be told from {other}"}
        | ({"eta_alone": alone[axis] / total} if total > 0 else {})
        for axis, other in model.confounded.items()
    ]
    if total <= 0:
        return [*rows, {"axis": TOTAL, "kind": "total", "df": n - 1, "sum_sq": 0.0, "note": "all runs are equal"}]
    error = float(within[0]) / (n - len(values)) if n > len(values) else np.nan
    low, high = _interval(model, values)
    for i, (axis, kind) in enumerate(names):
        row: dict[str, Any] = {"axis": axis, "kind": kind, "df": degrees[i], "sum_sq": float(squares[0, i])}
        row |= {"eta_sq": row["sum_sq"] / total, "n_levels": _levels(design, axis)}
        if axis in alone:
            row["eta_alone"] = alone[axis] / total
        if kind != "total":
            row |= {"eta_low": low[i], "eta_high": high[i]}
        if kind not in ("residual", "total") and degrees[i]:
            row |= _test(row["sum_sq"], degrees[i], error, n - len(values), total)
        rows.append(row)
    rows[-1]["note"] = _note(model, n - len(values))
    return rows


def _sums(
    model: AxisModel, means: np.ndarray, within: np.ndarray
) -> tuple[list[tuple[str, str]], list[int], np.ndarray]:
    """(name, kind) of each term, degrees of freedom, and sums of squares (replications, terms); the total is last."""
    design, cells = model.design, means.shape[1]
    n = int(design.n.sum())
    names = [(" x ".join(e.term), "axis" if len(e.term) == 1 else "interaction") for e in model.effects]
    cell = between(means, design.n)
    df_rest = cells - model.basis.shape[1]
    # With no degree of freedom left, the difference is only rounding.
    rest = np.maximum(cell - explained(means, design, model.basis), 0.0) if df_rest else np.zeros(len(means))
    columns = [sums_of_squares(model.effects, design, means), rest[:, None], cell[:, None], within[:, None]]
    names += [(CELL, "cell"), (ALL_CELLS, "variant"), (RESIDUAL, "residual"), (TOTAL, "total")]
    degrees = [*(e.df for e in model.effects), df_rest, cells - 1, n - cells, n - 1]
    return names, degrees, np.concatenate([*columns, (cell + within)[:, None]], axis=1)


def _test(sum_sq: float, df: int, error: float, df_error: int, total: float) -> dict[str, float]:
    """F against the variance between seeds, its p, and omega squared (Hays 1963); {} if every cell has one seed."""
    if not error > 0:
        return {}
    f = sum_sq / df / error
    omega = (sum_sq - df * error) / (total + error)
    return {"f": f, "p": float(stats.f.sf(f, df, df_error)), "omega_sq": max(0.0, omega)}


def _levels(design: Design, axis: str) -> int | None:
    return len(set(design.levels[axis])) if axis in design.levels else None


def _interval(model: AxisModel, values: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each share, with seeds resampled within cells; NaN where no cell has two seeds."""
    if max(len(cell) for cell in values) < 2:
        undefined = np.full(len(model.effects) + 4, np.nan)
        return undefined, undefined
    drawn = resampled_means(values, RESAMPLES, seeds.generator(SEED, "bootstrap"))
    squares = _sums(model, *drawn)[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = squares / squares[:, -1:]
    low, high = np.nanquantile(shares, [0.025, 0.975], axis=0)
    return low, high


def _note(model: AxisModel, df_error: int) -> str | None:
    notes = [] if df_error else ["one seed in each cell: nothing to test against"]
    if model.confounded:
        notes.append("axes that cannot be told apart share what they explain")
    return "; ".join(notes) or None
