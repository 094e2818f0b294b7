"""Bars that show how many runs of each cell (a variant on a data set) have finished with status ok."""

from typing import Any

from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _most
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "method: count of runs with status ok; Tufte 2001, The Visual Display of Quantitative Information",
    "caption": "Number of finished runs by variant, over all data sets.",
    "category": "Coverage",
    "needs": ["run_cards"],
    "settings": {
        "dpi": {
            "type": "int",
            "default": 120,
            "min": 50,
            "max": 600,
            "unit": "dots per inch",
            "help": "resolution of the PNG",
        },
    },
    "deviations": [],
}

POINTS = 7.0


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """Draw one bar for each cell, in the order of the plan."""
    cells = _most.drawn(tables.cells)
    counts = [sum(tables.card(cell, seed)["status"] == "ok" for seed in cell.seeds) for cell in cells]
    height = 0.3 * len(cells)
    figure = style.new_figure(6.0, height + 0.6)
    names, bars = _grid.place(figure, 0.1, 0.1, 2.6, height), _grid.place(figure, 2.8, 0.1, 3.0, height)
    names.set(xlim=(0, 2.6), ylim=(len(cells), 0))
    names.set_axis_off()
    bars.set(xlim=(0, max(1, *counts)), ylim=(len(cells), 0), yticks=[], xticks=[])
    for row, (cell, count) in enumerate(zip(cells, counts, strict=True)):
        names.text(2.5, row + 0.5, style.fit(cell.variant, 2.4, POINTS), ha="right", va="center", fontsize=POINTS)
        bars.barh(row + 0.5, count, 0.6, color="#0072B2")
    bars.annotate("finished runs", (0, 0), (0, -12), textcoords="offset points", fontsize=POINTS)
    return figure
