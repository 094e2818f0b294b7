"""Runs and the runs that continue them, on one axis; the history of the continued runs is grey."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _legend, _words
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: histories of runs that continue another run, drawn over the history of that run",
    "caption": (
        "Runs that continue other runs, one section for each continued variant and data set. Grey: the history of the "
        "continued variant (all seeds). Coloured: variants that continue it, from the step at which each takes over "
        "its state. Thin lines are seeds; a heavy line is, at each step, the mean of the seeds that have a value "
        "there. The panels show the losses of both networks and the mean distance between two generated images of a "
        "minibatch, divided by that of real images, which falls towards 0 when the generator collapses. Values of "
        "different loss functions are not comparable."
    ),
    "category": "Training",
    "order": 2,
    "needs": ["histories", "run_cards"],
    "when": ["continuations"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 2.3, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 1.5, "min": 0.8, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: Column of a history -> title of its panel.
SHOWN = {"d_loss": "discriminator loss", "g_loss": "generator loss", "div_pair": "distance within minibatches"}
BEFORE: style.Look = {"color": "#A6A6A6", "linestyle": "-", "linewidth": 0.7}

Family = tuple[PlannedCell | None, list[PlannedCell]]


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section for each continued cell, a panel for each of SHOWN."""
    families = _families(tables.cells)
    if not families:
        _ = tables.cards, tables.histories_of(tables.cells[:1], ["step"])  # raises UserError if a table is missing
        return _grid.empty_sheet("No run of this study continues another one (key `continue_from` of a variant).")
    layout = _axes.layout([list(SHOWN)] * len(families), settings, below=0.38)
    sections = [
        _grid.Section(_heading(tables, family), [_grid.Title(text, "") for text in SHOWN.values()], _key(family))
        for family in families
    ]
    figure, grid = _grid.sheet(sections, layout)
    for (parent, children), axes in zip(families, grid, strict=True):
        shown = [*([] if parent is None else [parent]), *children]
        histories = tables.histories_of(shown, ("step", *SHOWN))
        for i, (column, ax) in enumerate(zip(SHOWN, axes, strict=True)):
            _panel(ax, tables, (parent, children), histories, column)
            _axes.name(ax, "generator steps", "mean of a batch", index=i, panels=len(axes), columns=layout.columns)
    return figure


def _families(cells: Sequence[PlannedCell]) -> list[Family]:
    """For each continued cell: the cell (None if the study does not contain it), and the cells that continue it."""
    families: list[tuple[Any, Family]] = []
    for cell in cells:
        start = cell.settings.get("continue_from")
        if start is None:
            continue
        key = (cell.dataset, start["settings"])
        members = next((family[1] for known, family in families if known == key), None)
        if members is None:
            parent = next((c for c in cells if (c.dataset, c.settings) == key), None)
            members = []
            families.append((key, (parent, members)))
        members.append(cell)
    return [family for _, family in families]


def _heading(tables: Tables, family: Family) -> str:
    parent, children = family
    name = "a stored run" if parent is None else parent.variant
    where = _words.dataset_heading(tables, children[0].dataset)
    return f"{name} and {len(children)} that continue it  \N{MIDDLE DOT}  {where}"


def _key(family: Family) -> list[_legend.Entry]:
    names = [f"{cell.variant} (n={len(cell.seeds)})" for cell in family[1]]
    return [("the run that is continued", BEFORE), *_legend.key(names)]


def _panel(ax: Axes, tables: Tables, family: Family, histories: dict[PlannedCell, pd.DataFrame], column: str) -> None:
    parent, children = family
    values: list[float] = []
    end = 1.0
    for cell in [parent] if parent is not None else children[:1]:
        for _, run in histories[cell].groupby("seed", sort=True):
            ax.plot(run["step"], run[column], alpha=0.8, zorder=1, **BEFORE)
            values += run[column].tolist()
            end = max(end, float(run["step"].max()))
    for cell, look in reversed(list(zip(children, _legend.looks([c.id for c in children]), strict=True))):
        after = histories[cell][histories[cell]["step"] >= _starts(tables, cell, histories[cell])]
        for _, run in after.groupby("seed", sort=True):
            ax.plot(run["step"], run[column], color=look["color"], linewidth=0.4, alpha=0.45, zorder=2)
        means = after.groupby("step")[column].mean()
        ax.plot(means.index, means, zorder=3, **{**look, "marker": ""})
        values += after[column].tolist()
        end = max([end, *after["step"].astype(float)])
    finite = [value for value in values if np.isfinite(value)]
    if finite:
        ax.set_ylim(*_axes.limits(finite))
    ax.set_xlim(0, end * 1.02)
    _axes.finish(ax, whole_x=True)


def _starts(tables: Tables, cell: PlannedCell, history: pd.DataFrame) -> pd.Series:
    """For each row of the history, the step from which its run is drawn.

    This is the last logged step that is not later than the start of the continuation.
    """
    first: dict[int, int] = {}
    for seed in cell.seeds:
        document = tables.card(cell, seed)["status_document"] or {}
        start = (document.get("continued") or {}).get("step", 0)
        steps = history.loc[(history["seed"] == seed) & (history["step"] <= start), "step"]
        first[seed] = int(steps.max()) if len(steps) else 0
    return history["seed"].map(first)
