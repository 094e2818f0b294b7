"""Cost of each variant: training time, generator steps per second, CPU time, parameters and memory."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most, _rows
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: the status documents of the runs, and the workflow's record of each training job",
    "caption": (
        "Cost by variant, one panel per data set and quantity. Circles: one measurement each; bar: their median, "
        "printed at the right with the range and n. Runs that trained together (1 stack of 3 runs) share one "
        "measurement: the wall-clock time of their stack divided by the number of runs. CPU time and memory are those "
        "of a training job, including the interpreter and the data. All values depend on the machine, which the "
        "report names, and on its other load; compare only values of one machine. Runs without a status are not "
        "shown."
    ),
    "category": "Cost",
    "order": 10,
    "needs": ["run_cards"],
    "wants": ["benchmarks"],
    "when": ["training"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.6, "min": 1, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: An axis is logarithmic if the largest value is more than this many times the smallest.
LOG_FROM = 20.0
DOT: style.Look = {"marker": "o", "markersize": 3.4, "markerfacecolor": "none", "color": "#0072B2", "linestyle": "none"}


@dataclass(frozen=True)
class Measured:
    """Independent measurements of one cell, and their number as text."""

    values: Sequence[float]
    n: str


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A block per data set, a panel per quantity. Rows are in the plan's order."""
    blocks = []
    for dataset in tables.datasets:
        planned = tables.cells_of(dataset)
        cells = _most.drawn(planned)
        panels = [_panel(cells, title, unit, values) for title, unit, values in _quantities(tables, cells)]
        heading = _most.heading(tables, dataset, len(planned))
        blocks.append(_rows.RowBlock(heading, [cell.variant for cell in cells], panels))
    return _rows.sheet(blocks, settings["panel_width"], columns=4)


def _quantities(tables: Tables, cells: Sequence[PlannedCell]) -> list[tuple[str, str, dict[str, Measured]]]:
    """(title, unit, measurements by cell id) of each panel."""
    documents = {
        cell.id: [d for seed in cell.seeds if (d := tables.card(cell, seed)["status_document"])] for cell in cells
    }
    sizes = {
        cell: [float(sum((d.get("parameters") or {}).values())) for d in cell_documents if d.get("parameters")]
        for cell, cell_documents in documents.items()
    }
    counted = {cell: Measured(values, f"n={len(values)}") for cell, values in sizes.items()}
    return [
        ("training time", "wall-clock seconds", {c: _timed(d, "seconds") for c, d in documents.items()}),
        ("speed", "G steps per second", {c: _timed(d, "steps_per_second") for c, d in documents.items()}),
        ("CPU time of a job", "CPU seconds", {cell.id: _jobs(tables, cell, "cpu_time") for cell in cells}),
        ("parameters of all networks", "numbers", counted),
        ("peak memory of a job", "MiB", {cell.id: _jobs(tables, cell, "max_rss") for cell in cells}),
    ]


def _timed(documents: Sequence[Mapping[str, Any]], key: str) -> Measured:
    """Times or speeds of the runs of a cell. Runs that were trained together in one stack count as one measurement."""
    known = [d for d in documents if d.get(key)]
    alone = [float(d[key]) for d in known if d.get("stacked", 1) == 1]
    stacks = Counter((float(d[key]), int(d["stacked"])) for d in known if d.get("stacked", 1) > 1)
    parts = [f"n={len(alone)}"] if alone else []
    if stacks:
        runs = "; ".join(dict.fromkeys(f"{size} runs" for _, size in stacks))
        parts.append(f"{len(stacks)} stack{'s' * (len(stacks) > 1)} of {runs}")
    return Measured([*alone, *(value for value, _ in stacks)], ", ".join(parts))


def _jobs(tables: Tables, cell: PlannedCell, key: str) -> Measured:
    values = tables.job_records(cell, key)
    return Measured(values, f"{len(values)} job{'s' * (len(values) != 1)}")


def _panel(cells: Sequence[PlannedCell], title: str, unit: str, measured: Mapping[str, Measured]) -> _rows.Panel:
    rows = [measured[cell.id] for cell in cells]
    positive = [value for row in rows for value in row.values if value > 0]
    values = [row.values for row in rows]
    return _rows.Panel(
        _grid.Title(title),
        [*map(_words, rows)],
        lambda ax: _put(ax, values, positive),
        unit,
        "" if positive else "not recorded",
    )


def _words(row: Measured) -> str:
    """Median, range and number of measurements, such as "4.2 [3.9, 5.1] (n=3)"; no range if all are equal."""
    if not row.values:
        return "\N{EN DASH}"
    low, high = (_grid.compact(end(row.values)) for end in (min, max))
    spread = f" [{low}, {high}]" if low != high else ""
    return f"{_grid.compact(statistics.median(row.values))}{spread} ({row.n})"


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
