"""Scores against learning rate and against budget, one line for each combination of all other settings."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.files import canonical_json
from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _legend, _most, _words
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: as the sunflower experiment drew its sweeps of learning rate and of epochs",
    "caption": (
        "Scores against the generator's learning rate and against the budget, if the study sweeps them: one "
        "panel per data set, sweep and metric, one line per combination of all other settings. Marks: median over the "
        "seeds that finished and were scored; small dots: single seeds (their number is n of the point). "
        "A cross on the lower edge: no seed of that setting has a score. Dashed green: real images "
        "(ideal)."
    ),
    "category": "Scores",
    "order": 5,
    "needs": ["comparison", "metrics", "runs"],
    "when": ["sweep"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 2.3, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 1.6, "min": 0.8, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: Separator between the parts of a variant's label.
DOT = " \N{MIDDLE DOT} "
UNITS = {"g_steps": "generator steps", "d_steps": "discriminator steps", "images": "images shown", "epochs": "epochs"}

#: Function that splits settings into (value of the swept number, all other settings). The swept number is the one that
#: changes along a line. The function returns None if the settings lack this number.
Split = Callable[[Mapping[str, Any]], tuple[float, Any] | None]


@dataclass(frozen=True, eq=False)
class Line:
    """Cells of one line, in ascending order of the swept number."""

    name: str
    points: Sequence[tuple[float, PlannedCell]]


@dataclass(frozen=True)
class Sweep:
    """One swept number of a data set, with a line per combination of all other settings."""

    label: str
    lines: Sequence[Line]


def sweeps(cells: Sequence[PlannedCell]) -> list[Sweep]:
    """The sweeps of one data set: of G's learning rate, and of the budget.

    Along a line over G's learning rate, D's rate is either proportional to G's rate or constant.
    """
    kinds: list[tuple[str, Split]] = [("learning rate of G", _tied), ("learning rate of G", _free)]
    kinds += [(f"budget, {words}", functools.partial(_budget, unit)) for unit, words in UNITS.items()]
    lines_of: dict[str, list[Line]] = {}
    for label, split in kinds:
        groups: dict[str, dict[float, PlannedCell]] = {}
        for cell in cells:
            parts = split(cell.settings)
            if parts is not None:
                groups.setdefault(canonical_json(parts[1]), {})[parts[0]] = cell
        lines = [Line(_name(list(line.values())), sorted(line.items())) for line in groups.values() if len(line) > 1]
        lines_of.setdefault(label, []).extend(lines)
    return [Sweep(label, lines) for label, lines in lines_of.items() if lines]


def _tied(settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    """G's learning rate, and all other settings, with D's rate as a multiple of G's rate."""
    g, d = _rate(settings, "g_optimizer"), _rate(settings, "d_optimizer")
    if g is None:
        return None
    return g, {**_without(settings), "ratio": None if d is None else f"{d / g:.6g}"}


def _free(settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    """G's learning rate, and all other settings including D's rate."""
    g, d = _rate(settings, "g_optimizer"), _rate(settings, "d_optimizer")
    return None if g is None or d is None else (g, {**_without(settings), "d": d})


def _rate(settings: Mapping[str, Any], player: str) -> float | None:
    rate = (settings.get(player) or {}).get("lr")
    return float(rate) if rate else None


def _without(settings: Mapping[str, Any]) -> dict[str, Any]:
    bare = {
        key: {name: value for name, value in (settings.get(key) or {}).items() if name != "lr"}
        for key in ("g_optimizer", "d_optimizer")
    }
    return {**settings, **bare}


def _budget(unit: str, settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    amount = (settings.get("budget") or {}).get(unit)
    return None if amount is None else (float(amount), {**settings, "budget": None})


def _name(cells: Sequence[PlannedCell]) -> str:
    """Name of a line: the parts that all labels of its cells have in common, or the first part of the first label."""
    parts = [cell.variant.split(DOT) for cell in cells]
    shared = [part for part in parts[0] if all(part in other for other in parts)]
    return DOT.join(shared) or parts[0][0]


#: The axis is logarithmic if the largest swept number is at least this many times the smallest.
LOG_FROM = 6.0


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set and sweep, a panel per metric with a direction."""
    scores = tables.comparison[tables.comparison["direction"] != "none"]
    planned = set(tables.runs["metric"]) & set(tables.metrics["metric"])
    scores = scores[scores["metric"].isin(planned)]
    sweeps_of = [(d, sweep) for d in tables.datasets for sweep in sweeps(_most.drawn(tables.cells_of(d)))]
    metrics = [list(dict.fromkeys(scores.loc[scores["dataset"] == dataset, "metric"])) for dataset, _ in sweeps_of]
    if not any(metrics):
        return _grid.empty_sheet("No two cells differ in their learning rate or budget alone: nothing was swept.")
    layout = _axes.layout(metrics, settings, below=0.4)
    sections = [
        _grid.Section(
            f"{_most.heading_of_cells(tables, dataset)}{_most.DOT}{sweep.label}",
            [_words.metric_title(tables, metric) for metric in names],
            [*_legend.key([line.name for line in sweep.lines]), ("real images (ideal)", style.FLOOR)],
        )
        for (dataset, sweep), names in zip(sweeps_of, metrics, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for (dataset, sweep), names, axes in zip(sweeps_of, metrics, grid, strict=True):
        for i, (metric, ax) in enumerate(zip(names, axes, strict=True)):
            _panel(ax, tables, dataset, sweep, metric, layout.panel_width)
            _axes.name(ax, sweep.label, "score", index=i, panels=len(axes), columns=layout.columns)
    return figure


def _panel(ax: Axes, tables: Tables, dataset: str, sweep: Sweep, metric: str, inches: float) -> None:
    runs = tables.runs
    scored = runs[(runs["dataset"] == dataset) & (runs["metric"] == metric) & (runs["status"] == "ok")]
    scored = scored.dropna(subset=["value"])
    cells = {cell.id for line in sweep.lines for _, cell in line.points}
    values = scored.loc[scored["cell"].isin(cells), "value"].tolist()
    if not values:
        _grid.explain(ax, "no seed has a score", inches - 0.2)
        return
    levels = _axes.put_floor(ax, tables, dataset, metric)
    log = _axes.use_log(values + levels, "auto")
    low, high = _axes.limits(values + levels, log=log)
    for line, look in zip(sweep.lines, _legend.looks([line.name for line in sweep.lines]), strict=True):
        seeds = {x: scored.loc[scored["cell"] == cell.id, "value"] for x, cell in line.points}
        lost = [x for x, seed_values in seeds.items() if seed_values.empty]
        means = pd.Series({x: scores.median() for x, scores in seeds.items() if len(scores)}, dtype=float)
        ax.plot(means.index, means, zorder=3, **look)
        ax.plot(lost, [low] * len(lost), marker="x", linestyle="none", color=style.ALARM, clip_on=False, markersize=4)
        dot: style.Look = {"marker": ".", "markersize": 2.2, "linestyle": "none", "color": look["color"], "alpha": 0.6}
        for x, seed_values in seeds.items():
            ax.plot([x] * len(seed_values), seed_values, **dot)
    places = [x for line in sweep.lines for x, _ in line.points]
    x_log = max(places) / min(places) >= LOG_FROM
    ax.set_xscale("log" if x_log else "linear")
    ax.set_yscale("log" if log else "linear")
    ax.set_xlim(*_axes.limits(places, log=x_log))
    ax.set_ylim(low, high)
    _axes.finish(ax, x_log=x_log, y_log=log)
