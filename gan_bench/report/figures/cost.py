"""What each variant costs: training time, generator steps per second, parameters and memory, every run shown."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most, _rows
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: the runs' own status documents, and the workflow's record of each training job",
    "caption": (
        "Cost by variant, one panel per data set and quantity; circles: one run each, or one training job for "
        "memory; bar: their median, printed at the right with n. Time, speed and memory are those of the machine "
        "that ran them, named in the report, with whatever else it did; they compare within one machine only. "
        "Memory is the largest resident set of a job, with the interpreter and the data in it. Runs that left no "
        "status are not shown."
    ),
    "category": "Cost",
    "needs": ["run_cards"],
    "wants": ["benchmarks"],
    "when": ["training"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.6, "min": 1, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: Largest over smallest value from which an axis is logarithmic.
LOG_FROM = 20.0
DOT: style.Look = {"marker": "o", "markersize": 3.4, "markerfacecolor": "none", "color": "#0072B2", "linestyle": "none"}

Values = Mapping[str, Sequence[float]]
"""cell id -> a value for each of its runs"""


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A block per data set, a panel per quantity; rows in the plan's order."""
    if not tables.cells:
        return _grid.empty_sheet("The plan has no cells.")
    blocks = []
    for dataset in tables.datasets:
        planned = tables.cells_of(dataset)
        cells = _most.drawn(planned)
        panels = [_panel(cells, title, unit, values) for title, unit, values in _quantities(tables, cells)]
        heading = _most.heading(tables, dataset, len(planned))
        blocks.append(_rows.RowBlock(heading, [cell.variant for cell in cells], panels))
    return _rows.sheet(blocks, settings["panel_width"], columns=4)


def _quantities(tables: Tables, cells: Sequence[PlannedCell]) -> list[tuple[str, str, Values]]:
    documents = {
        cell.id: [d for seed in cell.seeds if (d := tables.card(cell, seed)["status_document"])] for cell in cells
    }

    def of(key: str) -> Values:
        return {
            cell: [float(d[key]) for d in cell_documents if d.get(key)] for cell, cell_documents in documents.items()
        }

    sizes = {
        cell: [float(sum((d.get("parameters") or {}).values())) for d in cell_documents if d.get("parameters")]
        for cell, cell_documents in documents.items()
    }
    return [
        ("training time", "seconds", of("seconds")),
        ("speed", "G steps per second", of("steps_per_second")),
        ("parameters of all networks", "numbers", sizes),
        ("peak memory of a job", "MiB", {cell.id: tables.memory(cell) for cell in cells}),
    ]


def _panel(cells: Sequence[PlannedCell], title: str, unit: str, values: Values) -> _rows.Panel:
    rows = [list(values.get(cell.id, ())) for cell in cells]
    positive = [value for row in rows for value in row if value > 0]
    words = [f"{_grid.compact(statistics.median(row))} (n={len(row)})" if row else "\N{EN DASH}" for row in rows]
    return _rows.Panel(
        _grid.Title(title), words, lambda ax: _put(ax, rows, positive), unit, "" if positive else "not recorded"
    )


def _put(ax: Axes, rows: Sequence[Sequence[float]], values: Sequence[float]) -> None:
    log = max(values) / min(values) > LOG_FROM
    ax.set_xscale("log" if log else "linear")
    for i, row in enumerate(rows):
        if row:
            ax.plot(row, [i] * len(row), clip_on=False, zorder=3, **DOT)
            ax.plot([statistics.median(row)] * 2, [i - 0.34, i + 0.34], color=style.INK, linewidth=1.2)
    low, high = _axes.limits(values, log=log)
    ax.set_xlim(low if log else max(0.0, low), high)
    _axes.values(ax, log=log)
