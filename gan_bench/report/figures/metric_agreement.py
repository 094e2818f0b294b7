"""Agreement of metrics about the order of the cells: the rank correlation of every pair of metrics."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _matrix, _words
from gan_bench.report.tables_input import Tables, records
from gan_bench.words import plural

FACTS = {
    "paper": "Kendall 1938, Biometrika 30(1)",
    "caption": (
        "Kendall's rank correlation of every pair of metrics. Cells (variants on data sets) are ranked by their "
        "median over seeds; n in the title: the smallest and largest number of cells that both metrics score. "
        "+1: both metrics rank the cells in the same order. Bold: the 95 % interval, from the number of cells, does "
        "not contain zero. Blue: agreement; orange: disagreement; darker is stronger. Columns are labelled with the "
        "numbers of the rows."
    ),
    "category": "Comparison",
    "order": 9,
    "needs": ["metrics"],
    "wants": ["agreement"],
    "when": ["metrics"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "square": {
            "type": "float",
            "default": 0.4,
            "min": 0.36,
            "max": 1,
            "unit": "inches",
            "help": "side of a square",
        },
    },
    "deviations": [],
}

NAMES = 2.4


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A panel per data set, with the lower triangle of a matrix. A panel over all data sets, if present, is first."""
    table, planned = tables.wanted("agreement"), set(tables.metrics["metric"])
    if len(table):
        table = table[table["metric_a"].isin(planned) & table["metric_b"].isin(planned)]
        table = table[table["kendall"].notna()]
    if not len(table):
        return _grid.empty_sheet(
            "No metrics were compared. A comparison needs two metrics and three cells that both metrics score."
        )
    datasets = sorted(dict.fromkeys(table["dataset"]), key=lambda name: name in tables.datasets)
    parts = {dataset: table[table["dataset"] == dataset] for dataset in datasets}
    labels = {dataset: _labels(tables, part) for dataset, part in parts.items()}
    most, side = max(map(len, labels.values())), settings["square"]
    words = [f"{len(part)}. {label}" for part in labels.values() for label in part.values()]
    left = min(NAMES, max(style.text_width(style.printable(text), _matrix.POINTS) for text in words)) + 0.2
    heads = {d: _title(tables, d, part) for d, part in parts.items()}
    # Each panel has its own size, because panels can have different numbers of metrics.
    heights = {d: heads[d].height(left + most * side) for d in datasets}
    sizes = {d: len(labels[d]) * side for d in datasets}
    figure = style.new_figure(
        max(0.2 + left + most * side + 0.1, 3.4), 0.15 + sum(heights[d] + sizes[d] + 0.4 for d in datasets)
    )
    y = 0.1
    for dataset in datasets:
        ax = _grid.place(figure, 0.1 + left, y + heights[dataset], sizes[dataset], sizes[dataset])
        _panel(ax, parts[dataset], labels[dataset], left - 0.2)
        _heading(figure, heads[dataset], y)
        y += heights[dataset] + sizes[dataset] + 0.4
    return figure


def _heading(figure: Figure, title: _grid.Title, y: float) -> None:
    """Write the title at the left edge of the sheet, above the names of the rows and the squares."""
    width, _ = figure.get_size_inches()
    ax = _grid.place(figure, 0.1, y + title.height(width - 0.2), width - 0.2, 0.01)
    ax.set_axis_off()
    _grid.put_title(ax, title, width - 0.2)


def _labels(tables: Tables, part: pd.DataFrame) -> dict[str, str]:
    """Metric -> its printed name, in the plan's order."""
    pairs = [*zip(part["metric_a"], part["label_a"], strict=True), *zip(part["metric_b"], part["label_b"], strict=True)]
    labels = dict(pairs)
    # In every pair, metric_a is before metric_b in the plan. So a metric early in the plan is metric_a in more pairs.
    first = part["metric_a"].value_counts()
    return {
        str(m): _words.metric_label(tables, str(m), labels[m])
        for m in sorted(labels, key=lambda name: -int(first.get(name, 0)))
    }


def _title(tables: Tables, dataset: str, part: pd.DataFrame) -> _grid.Title:
    name = _words.dataset_heading(tables, dataset) if dataset in tables.datasets else dataset
    n = part["n"].dropna().astype(int)
    counts = plural(int(n.max()), "cell") if n.min() == n.max() else f"{n.min()} to {n.max()} cells"
    return _grid.Title(name, f"n={counts}")


def _panel(ax: Axes, part: pd.DataFrame, labels: dict[str, str], inches: float) -> None:
    names = list(labels)
    k = len(names)
    shades = np.full((k, k), np.nan)
    words = [[""] * k for _ in range(k)]
    bold: set[tuple[int, int]] = set()
    for row in records(part):
        i, j = sorted((names.index(row["metric_a"]), names.index(row["metric_b"])), reverse=True)
        shades[i, j] = row["kendall"]
        words[i][j] = f"{row['kendall']:+.2f}".replace("-", "\N{MINUS SIGN}").replace("0.", ".", 1)
        if pd.notna(row["kendall_low"]) and (row["kendall_low"] > 0 or row["kendall_high"] < 0):
            bold.add((i, j))
    _matrix.put(ax, shades, words, _matrix.SIGNED, (-1.0, 1.0), bold)
    ax.set_facecolor("white")
    _matrix.name_rows(ax, [f"{i + 1}. {label}" for i, label in enumerate(labels.values())], inches)
    _matrix.name_columns(ax, [str(i + 1) for i in range(k)], 0.4)
