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
    parts = [own for dataset in tables.datasets if len(own := _applying(runs[runs["dataset"] == dataset]))]
    if not parts:
        return _grid.empty_sheet("No finished run has a score.")
    columns = list(dict.fromkeys(name for own in parts for name in own["column"]))
    rows = [list(dict.fromkeys(own["row"])) for own in parts]
    metrics = [list(dict.fromkeys(own["metric"])) for own in parts]
    side = settings["square"]
    below = min(BELOW, max(style.text_width(style.printable(name), _matrix.POINTS) for name in columns))
    turned = below > side - 0.08
    names = [name for own in rows for name in own]
    layout = _grid.Layout(
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
    titles = [[_title(tables, metric) for metric in own] for own in metrics]
    sections = [
        _grid.Section(
            dataset_heading(tables, own["dataset"].iloc[0]),
            [t.height(wide) for t in heads],
            tall=side * FLAT * len(held),
        )
        for own, heads, held in zip(parts, titles, rows, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for own, heads, held, axes in zip(parts, titles, rows, grid, strict=True):
        for metric, title, ax in zip(dict.fromkeys(own["metric"]), heads, axes, strict=True):
            _grid.put_title_over(ax, title, layout.left - 0.05, wide)
            _panel(ax, own[own["metric"] == metric], held, columns)
            _matrix.name_rows(ax, held, layout.left - 0.12)
            _matrix.name_columns(ax, columns, below if turned else side)
            if turned:
                _matrix.upright(ax)
    return figure


def _applying(own: pd.DataFrame) -> pd.DataFrame:
    """Runs of the metrics that some run of a data set has: one that needs labels, say, has nothing to show."""
    there = own.loc[own["value"].notna() & (own["status"] == "ok"), "metric"].unique()
    return own[own["metric"].isin(there)]


def _loss(loss: Any, method: Any) -> str:
    return f"{method} (no loss)" if pd.isna(loss) else str(loss)


def _optimizer(g: Any, d: Any) -> str:
    """ "adam", or "adam / sgd" where G and D differ."""
    found = [str(name) for name in (g, d) if not pd.isna(name)]
    return " / ".join(dict.fromkeys(found)) or "none"


def _title(tables: Tables, metric: str) -> _grid.Title:
    row = tables.metrics[tables.metrics["metric"] == metric].iloc[0]
    return _grid.Title(f"{row['label']}{tables.unit(metric)}", DIRECTIONS.get(str(row["direction"]), ("", ""))[1])


def _panel(ax: Axes, own: pd.DataFrame, rows: list[str], columns: list[str]) -> None:
    medians = np.full((len(rows), len(columns)), np.nan)
    words = [[""] * len(columns) for _ in rows]
    for (row, column), part in own.groupby(["row", "column"], sort=False):
        i, j = rows.index(str(row)), columns.index(str(column))
        scored = part.loc[part["status"] == "ok", "value"].dropna()
        if scored.empty:
            words[i][j] = f"\N{MULTIPLICATION SIGN}{len(part)}"
            continue
        medians[i, j] = scored.median()
        words[i][j] = f"{_grid.compact(float(medians[i, j]))}\nn={len(scored)}"
    _matrix.put(ax, _goodness(medians, str(own["direction"].iloc[0])), words, _matrix.MORE, (0.0, 1.0))


def _goodness(medians: np.ndarray, direction: str) -> np.ndarray:
    """(r, c) from 0 for the worst of a panel to 1 for the best; a half where all are equal."""
    badness = {"higher": -medians, "half": np.abs(medians - 0.5)}.get(direction, medians)
    # Ranks: one run a thousand times worse than the others would leave these without a difference.
    levels = np.unique(badness[np.isfinite(badness)])
    places = np.searchsorted(levels, badness) / max(1, len(levels) - 1)
    return np.where(np.isfinite(badness), 0.5 if len(levels) < 2 else 1 - places, np.nan)
