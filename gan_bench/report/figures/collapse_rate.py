"""Rates of diverged, collapsed and lost runs: the share of each variant's seeds, with its Wilson interval."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most, _rows
from gan_bench.report.tables_input import Tables, records

FACTS = {
    "paper": "interval: Wilson 1927, JASA 22(158)",
    "caption": (
        "Share of runs that diverged, that the detector flagged as collapsed, and that were lost for any reason "
        "(diverged, failed or out of time), by variant and data set. Square and bar: share and 95 % Wilson "
        "interval; at the right k/n, where n counts the runs that left a status or, for collapses, that were judged. "
        "With few seeds the intervals are wide: no event in three runs is compatible with a rate of one half."
    ),
    "category": "Failures",
    "needs": [],
    "wants": ["failures"],
    "when": ["seeds"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.7, "min": 1, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: (kind of outcome, title of its panel, note under the title)
KINDS = (
    ("diverged", "diverged", "of runs that left a status"),
    ("collapsed", "flagged as collapsed", "of judged runs"),
    ("lost", "lost", "diverged, failed or out of time"),
)


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A block per data set with a panel for each kind of outcome. Rows are in the plan's order."""
    table = tables.wanted("failures")
    if len(table) and not table[[f"{kind}_rate" for kind, _, _ in KINDS]].fillna(0).to_numpy().any():
        n = int((table["n_asked"] - table["n_missing"]).sum())
        return _grid.empty_sheet(f"Runs that diverged, were lost or were flagged as collapsed: none of {n}.")
    blocks = [
        _block(tables, dataset, part)
        for dataset in tables.datasets
        if len(table) and len(part := table[table["dataset"] == dataset])
    ]
    if not blocks:
        return _grid.empty_sheet("The table of failures is missing or empty, so this figure is empty.")
    return _rows.sheet(blocks, settings["panel_width"], columns=3)


def _block(tables: Tables, dataset: str, part: pd.DataFrame) -> _rows.RowBlock:
    rows = records(part.head(_most.MOST))
    panels = [_panel(rows, kind, _grid.Title(title, note)) for kind, title, note in KINDS]
    return _rows.RowBlock(_most.heading(tables, dataset, len(part)), [str(row["variant"]) for row in rows], panels)


def _panel(rows: list[dict[str, Any]], kind: str, title: _grid.Title) -> _rows.Panel:
    has_rate = [pd.notna(row[f"{kind}_rate"]) for row in rows]
    return _rows.Panel(
        title,
        [_count(row, kind) for row in rows],
        lambda ax: _put(ax, rows, kind),
        "share of runs",
        "" if any(has_rate) else "no run to count",
    )


def _count(row: dict[str, Any], kind: str) -> str:
    """Number of runs with this outcome / number of all counted runs, such as "1/3"."""
    n = int(row["n_judged"]) if kind == "collapsed" else int(row["n_asked"] - row["n_missing"])
    columns = {"lost": ("n_diverged", "n_failed", "n_timeout")}.get(kind, (f"n_{kind}",))
    return f"{sum(int(row[name]) for name in columns)}/{n}"


def _put(ax: Axes, rows: list[dict[str, Any]], kind: str) -> None:
    ax.set_xlim(-0.02, 1.02)
    for i, row in enumerate(rows):
        rate = row[f"{kind}_rate"]
        if pd.isna(rate):
            continue
        ends = [row[f"{kind}_low"], row[f"{kind}_high"]]
        ax.plot(ends, [i, i], color=style.INK, linewidth=1.1, solid_capstyle="butt")
        fill = style.ALARM if rate > 0 else "white"
        ax.plot([rate], [i], marker="s", markersize=4.2, color=style.ALARM, markerfacecolor=fill, clip_on=False)
    _axes.shares(ax)
