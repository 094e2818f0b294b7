"""Sources of the variance of the scores: the shares that axes of the grid and seeds explain."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _words
from gan_bench.report.tables_input import Tables, records

FACTS = {
    "paper": "Fisher 1925, Statistical Methods for Research Workers; eta squared: Cohen 1973, EPM 33:107",
    "caption": (
        "Shares of the variance of the scores (eta squared) that the axes of the grid and their interactions "
        "explain, one panel per data set and metric; thin line: 95 % bootstrap interval. Hatched: the share of seeds; "
        "all bars of a panel add up to 100 %. The shares are computed on the largest balanced part of the grid, which "
        "the title names with its n runs: some levels of each axis, in all combinations, with the same number of "
        "seeds. Shares depend on the levels: an axis with a wider range of settings has a larger share."
    ),
    "category": "Comparison",
    "order": 12,
    "needs": [],
    "wants": ["axes"],
    "when": ["axes", "seeds"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.9, "min": 1, "max": 6, "unit": "inches", "help": "of a panel"},
        "response": {
            "type": "str",
            "default": "values",
            "choices": ["values", "ranks"],
            "help": "what is explained: scores, or their ranks, on which one outlier has little influence",
        },
    },
    "deviations": [],
}

POINTS, NAMES, ROW = 7.0, 2.0, 0.19
SHOWN = ("axis", "interaction", "cell", "residual")


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per metric with a row per source of variance."""
    table = tables.wanted("axes")
    if len(table):
        table = table[table["response"] == settings["response"]]
    shown = table[table["kind"].isin(SHOWN) & table["eta_sq"].notna()] if len(table) else table
    if not len(shown):
        reasons = {str(note) for note in table["note"].dropna()} if len(table) else set()
        because = f" ({reasons.pop()})" if len(reasons) == 1 else ""
        return _grid.empty_sheet(
            f"No axis of the grid varies, or too few runs were scored, so this figure is empty{because}."
        )
    table = table[table["n_runs"] > 0]
    datasets = list(dict.fromkeys(table["dataset"]))
    panels = [
        [_part(table, shown, d, str(m)) for m in dict.fromkeys(table.loc[table["dataset"] == d, "metric"])]
        for d in datasets
    ]
    names = [str(name) for name in shown["axis"]]
    left = min(NAMES, max(style.text_width(style.printable(name), POINTS) for name in names)) + 0.15
    layout = _grid.GridLayout(
        columns=_grid.columns_for(panels, widest=3),
        panel_width=settings["panel_width"],
        panel_height=0.5,
        left=left,
        right=0.2,
        below=0.42,
        top=0.08,
        over_names=True,
    )
    sections = [
        _grid.Section(
            _words.dataset_heading(tables, dataset) if dataset in tables.datasets else dataset,
            [title for title, _ in parts],
            tall=max(ROW * max(len(rows) for _, rows in parts), 0.5),
        )
        for dataset, parts in zip(datasets, panels, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for parts, axes in zip(panels, grid, strict=True):
        for (title, rows), ax in zip(parts, axes, strict=True):
            if rows:
                _panel(ax, rows, max(len(rows) for _, rows in parts), left - 0.15)
            else:
                _grid.explain(ax, title.note, layout.panel_width - 0.2)
    return figure


def _part(
    table: pd.DataFrame, shown: pd.DataFrame, dataset: str, metric: str
) -> tuple[_grid.Title, list[dict[str, Any]]]:
    """The title of a panel, and its rows: axes and interactions by share, largest first; then "cell" and "residual"."""
    terms = table[(table["dataset"] == dataset) & (table["metric"] == metric)]
    rows = shown[(shown["dataset"] == dataset) & (shown["metric"] == metric)]
    last = rows["kind"].map({"axis": 0, "interaction": 0, "cell": 1, "residual": 2})
    rows = rows.assign(last=last).sort_values(["last", "eta_sq"], ascending=[True, False], kind="stable")
    note = str(terms.loc[terms["kind"] == "total", "note"].iloc[0])
    return _grid.Title(str(terms["label"].iloc[0]), note, note_lines=5), records(rows)


def _panel(ax: Axes, rows: list[dict[str, Any]], count: int, inches: float) -> None:
    ax.set_ylim(count - 0.5, -0.5)
    for i, row in enumerate(rows):
        left = row["kind"] == "residual"
        look: dict[str, Any] = (
            {"color": "#EFEFEF", "hatch": "////", "edgecolor": "#8C8C8C"} if left else {"color": "#9CCBE8"}
        )
        ax.barh(i, row["eta_sq"], height=0.62, linewidth=0.5 if left else 0, zorder=2, **look)
        if np.isfinite(float(row["eta_low"])) and np.isfinite(float(row["eta_high"])):
            ends = [float(row["eta_low"]), float(row["eta_high"])]
            ax.plot(ends, [i, i], color=style.INK, linewidth=1.1, solid_capstyle="butt", zorder=3)
    ax.set_yticks(range(len(rows)), [style.fit(str(row["axis"]), inches, POINTS) for row in rows])
    ax.tick_params(axis="y", length=0, pad=4, labelsize=POINTS, labelcolor=style.INK)
    ax.set_xlim(0, 1)
    _axes.shares(ax)
    ax.set_xlabel("share of the variance", labelpad=1.5, fontsize=6.5)
    ax.grid(visible=False, axis="y")
