"""Losses by optimizers: the median score of all runs with each pair, and how many they are."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _matrix
from gan_bench.report.figures._words import dataset_heading
from gan_bench.report.tables_input import DIRECTIONS, Tables

FACTS = {
    "paper": "method: medians of a two-way table",
    "caption": (
        "Median score of the finished runs by loss (rows) and optimizer (columns; G / D where they differ), one "
        "panel per data set and metric; n under each number counts the runs in it. All models, penalties and tricks "
        "with that pair are taken together, so that a square compares with another only where the study crosses "
        "them. Darker is better within a panel. A square with × counts runs that have no score; an empty one was "
        "not asked for."
    ),
    "category": "Scores",
    "needs": ["metrics", "runs"],
    "when": ["losses", "optimizers"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "square": {
            "type": "float",
            "default": 0.66,
            "min": 0.55,
            "max": 2,
            "unit": "inches",
            "help": "width of a square",
        },
    },
    "deviations": [],
}

#: Height of a square by its width; inches of the names at the left and below, at most.
FLAT, NAMES, BELOW = 0.6, 1.7, 1.3


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set with the losses that it was trained with, a panel per metric that some run has."""
    runs = tables.runs[tables.runs["direction"] != "none"].copy()
    if not tables.cells or runs.empty:
        return _grid.empty_sheet("The plan asks for no metric, or has no runs.")
    runs["row"] = [_loss(loss, method) for loss, method in zip(runs["loss"], runs["method"], strict=True)]
    runs["column"] = [_optimizer(g, d) for g, d in zip(runs["g_optimizer"], runs["d_optimizer"], strict=True)]
    parts = [part for dataset in tables.datasets if len(part := _applying(runs[runs["dataset"] == dataset]))]
    if not parts:
        return _grid.empty_sheet("No finished run has a score.")
    columns = list(dict.fromkeys(name for part in parts for name in part["column"]))
    rows = [list(dict.fromkeys(part["row"])) for part in parts]
    metrics = [list(dict.fromkeys(part["metric"])) for part in parts]
    side = settings["square"]
    below = min(BELOW, max(style.text_width(style.printable(name), _matrix.POINTS) for name in columns))
    turned = below > side - 0.08
    names = [name for losses in rows for name in losses]
    layout = _grid.GridLayout(
        columns=min(max(map(len, metrics)), max(1, int(11 / (side * len(columns) + 0.8)))),
        panel_width=side * len(columns),
        panel_height=side,
        left=min(NAMES, max(style.text_width(style.printable(name), _matrix.POINTS) for name in names)) + 0.12,
        right=0.12,
        below=(below if turned else 0.12) + 0.18,
        top=0.1,
        least=3.0,
    )
    wide = layout.panel_width + layout.left - 0.1
    titles = [[_title(tables, metric) for metric in names] for names in metrics]
    sections = [
        _grid.Section(
            dataset_heading(tables, part["dataset"].iloc[0]),
            [t.height(wide) for t in heads],
            tall=side * FLAT * len(losses),
        )
        for part, heads, losses in zip(parts, titles, rows, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for part, heads, losses, axes in zip(parts, titles, rows, grid, strict=True):
        for metric, title, ax in zip(dict.fromkeys(part["metric"]), heads, axes, strict=True):
            _grid.put_title_over(ax, title, layout.left - 0.05, wide)
            _panel(ax, part[part["metric"] == metric], losses, columns)
            _matrix.name_rows(ax, losses, layout.left - 0.12)
            _matrix.name_columns(ax, columns, below if turned else side)
            if turned:
                _matrix.upright(ax)
    return figure


def _applying(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of the metrics that a finished run of the data set has; a metric that needs labels may have none."""
    metrics = runs.loc[runs["value"].notna() & (runs["status"] == "ok"), "metric"].unique()
    return runs[runs["metric"].isin(metrics)]


def _loss(loss: Any, method: Any) -> str:
    return f"{method} (no loss)" if pd.isna(loss) else str(loss)


def _optimizer(g: Any, d: Any) -> str:
    """ "adam", or "adam / sgd" where G and D differ."""
    names = [str(name) for name in (g, d) if not pd.isna(name)]
    return " / ".join(dict.fromkeys(names)) or "none"


def _title(tables: Tables, metric: str) -> _grid.Title:
    row = tables.metrics[tables.metrics["metric"] == metric].iloc[0]
    return _grid.Title(f"{row['label']}{tables.unit(metric)}", DIRECTIONS.get(str(row["direction"]), ("", ""))[1])


def _panel(ax: Axes, runs: pd.DataFrame, rows: list[str], columns: list[str]) -> None:
    medians = np.full((len(rows), len(columns)), np.nan)
    words = [[""] * len(columns) for _ in rows]
    for (row, column), part in runs.groupby(["row", "column"], sort=False):
        i, j = rows.index(str(row)), columns.index(str(column))
        scored = part.loc[part["status"] == "ok", "value"].dropna()
        if scored.empty:
            words[i][j] = f"\N{MULTIPLICATION SIGN}{len(part)}"
            continue
        medians[i, j] = scored.median()
        words[i][j] = f"{_grid.compact(float(medians[i, j]))}\nn={len(scored)}"
    _matrix.put(ax, _goodness(medians, str(runs["direction"].iloc[0])), words, _matrix.MORE, (0.0, 1.0))


def _goodness(medians: np.ndarray, direction: str) -> np.ndarray:
    """(r, c) from 0 for the worst of a panel to 1 for the best; a half where all are equal."""
    badness = {"higher": -medians, "half": np.abs(medians - 0.5)}.get(direction, medians)
    # Shades follow ranks: with values, one very bad run would hide the differences between the others.
    levels = np.unique(badness[np.isfinite(badness)])
    places = np.searchsorted(levels, badness) / max(1, len(levels) - 1)
    return np.where(np.isfinite(badness), 0.5 if len(levels) < 2 else 1 - places, np.nan)
