"""Losses by optimizers, separately for each model: the median score and the number of runs of each combination."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.metrics import badness
from gan_bench.report import style
from gan_bench.report.figures import _grid, _matrix, _most, _words
from gan_bench.report.tables_input import Tables
from gan_bench.stats.tables.cell_levels import OTHER, cell_levels

FACTS = {
    "paper": "method: medians of a two-way table",
    "caption": (
        "Median score of the finished runs; one section per data set and model, one panel per metric. Rows: loss with "
        "its penalty and tricks. Columns: optimizer with its learning rate (G / D if they differ). n under each number "
        "counts its runs. All squares of a section have the same model and other settings, so they are comparable; a "
        "model with a single variant has no section. Darker is better within a panel. ×n: none of n runs has a score. "
        "Empty: not planned."
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

#: FLAT: height divided by width of a square, which shows one combination of loss and optimizers. NAMES, BELOW: largest
#: lengths in inches of the names at the left and below.
FLAT, NAMES, BELOW = 0.6, 1.7, 1.3


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set and model, a panel per metric for which some run has a score."""
    runs = tables.runs[tables.runs["direction"] != "none"]
    if runs.empty:
        return _grid.empty_sheet("The plan asks for no metric, or has no runs.")
    parts = [part for dataset in tables.datasets for part in _strata(tables, dataset, runs)]
    if not parts:
        return _grid.empty_sheet("No model has two variants and a finished run with a score, so this figure is empty.")
    columns = [list(dict.fromkeys(part["column"])) for part in parts]
    most = max(map(len, columns))
    rows = [list(dict.fromkeys(part["row"])) for part in parts]
    metrics = [list(dict.fromkeys(part["metric"])) for part in parts]
    side = settings["square"]
    below = min(BELOW, max(style.text_width(style.printable(n), _matrix.POINTS) for names in columns for n in names))
    turned = below > side - 0.08
    names = [name for losses in rows for name in losses]
    layout = _grid.GridLayout(
        columns=min(max(map(len, metrics)), max(1, int(11 / (side * most + 0.8)))),
        panel_width=side * most,
        panel_height=side,
        left=min(NAMES, max(style.text_width(style.printable(name), _matrix.POINTS) for name in names)) + 0.12,
        right=0.12,
        below=(below if turned else 0.12) + 0.18,
        top=0.1,
        least=3.0,
        over_names=True,
    )
    sections = [
        _grid.Section(
            f"{_most.heading_of_cells(tables, part['dataset'].iloc[0])}{_most.DOT}{part['stratum'].iloc[0]}",
            [_words.metric_title(tables, metric) for metric in shown],
            tall=side * FLAT * len(losses),
        )
        for part, shown, losses in zip(parts, metrics, rows, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for part, shown, losses, optimizers, axes in zip(parts, metrics, rows, columns, grid, strict=True):
        names = [*optimizers, *[""] * (most - len(optimizers))]
        for metric, ax in zip(shown, axes, strict=True):
            _panel(ax, part[part["metric"] == metric], losses, names)
            _matrix.name_rows(ax, losses, layout.left - 0.12)
            _matrix.name_columns(ax, names, below if turned else side, upright=turned)
    return figure


def _strata(tables: Tables, dataset: str, runs: pd.DataFrame) -> list[pd.DataFrame]:
    """The runs of a data set, one table per stratum, with the names of their row and column in the figure.

    The cells of a stratum differ only in loss, penalty, tricks and optimizers; their model and all other settings are
    equal. A stratum of one cell is left out. A metric is left out if no finished run has a score, for example because
    the data set lacks the labels that the metric needs.
    """
    settings = {(dataset, cell.id): cell.settings for cell in _most.drawn(tables.cells_of(dataset))}
    counts = Counter(map(_stratum, cell_levels(settings).values()))
    kept = {key for key, level in cell_levels(settings).items() if counts[_stratum(level)] > 1}
    # Names are computed again for the remaining cells, so that names contain only settings in which these cells differ.
    levels = cell_levels({key: settings[key] for key in settings if key in kept})
    runs = runs[(runs["dataset"] == dataset) & runs["cell"].isin({cell for _, cell in levels})]
    names = [levels[dataset, cell] for cell in runs["cell"]]
    runs = runs.assign(
        stratum=[_stratum(level) for level in names],
        row=[_loss(level) for level in names],
        column=[" / ".join(dict.fromkeys((level["g_optimizer"], level["d_optimizer"]))) for level in names],
    )
    scored = set(runs.loc[runs["value"].notna() & (runs["status"] == "ok"), "metric"])
    runs = runs[runs["metric"].isin(scored)]
    return [part for _, part in runs.groupby("stratum", sort=False)]


def _stratum(level: Mapping[str, str]) -> str:
    parts = [text for text in (level["model"], level[OTHER]) if text != "none"]
    return ", ".join(parts if level["method"] == "adversarial" else [level["method"], *parts])


def _loss(level: Mapping[str, str]) -> str:
    loss = f"{level['method']} (no loss)" if level["loss"] == "none" else level["loss"]
    return " + ".join([loss, *(level[key] for key in ("penalty", "tricks") if level[key] != "none")])


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
    """(rows, columns): from 0 for the worst median to 1 for the best; 0.5 if all are equal, NaN without a median."""
    worse = badness(medians, direction)
    # Shades follow ranks. With shades by value, one very bad median would make all other squares look alike.
    levels = np.unique(worse[np.isfinite(worse)])
    places = np.searchsorted(levels, worse) / max(1, len(levels) - 1)
    return np.where(np.isfinite(worse), 0.5 if len(levels) < 2 else 1 - places, np.nan)
