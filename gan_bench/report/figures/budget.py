"""Expected best score of a random search by its number of runs, computed from the runs of the study."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report.figures import _axes, _grid, _legend, _most, _words
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "Lucic et al. 2018, arXiv 1711.10337, section 5; Dodge et al. 2019, arXiv 1909.03004, section 3",
    "caption": (
        "Expected best score of a search that draws runs of this study at random, by the number of runs drawn; one "
        "panel per data set and metric. Black line: draws among all runs, with a band from the 5 % to the 95 % "
        "quantile of the best score. Other lines: draws within one group (n runs in the key). Within a variant, runs "
        "differ only by their seed. The best of few draws is what a small search would report; if lines cross, the "
        "better group depends on the budget. A group by loss, model or optimizer mixes all other settings that it "
        "has in the study, so groups are comparable only if the study combines them with the same settings. The "
        "settings are those of the study, tuned or not."
    ),
    "category": "Comparison",
    "needs": [],
    "wants": ["budget"],
    "when": ["seeds", "variants"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 2.3, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 1.5, "min": 0.8, "max": 6, "unit": "inches", "help": "of a panel"},
        "groups": {
            "type": "str",
            "default": "variant",
            "choices": ["all", "loss", "model", "optimizer", "variant"],
            "help": "groups within which searches draw, besides one search among all runs",
        },
    },
    "deviations": [],
}

ALL = "all runs"
EVERY: dict[str, Any] = {"color": "#222222", "linestyle": "-", "linewidth": 1.6}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per metric."""
    table = tables.wanted("budget")
    if len(table):
        table = table[(table["searched"] == settings["groups"]) & table["expected_best"].notna()]
    if not len(table):
        return _grid.empty_sheet("The table of search budgets is missing or empty, so this figure is empty.")
    parts = [part for dataset in dict.fromkeys(table["dataset"]) if len(part := table[table["dataset"] == dataset])]
    metrics = [list(dict.fromkeys(part["metric"])) for part in parts]
    layout = _axes.layout(metrics, settings, below=0.38)
    sections = [
        _grid.Section(
            _most.heading(tables, part["dataset"].iloc[0], part.loc[part["searched"] != "all", "group"].nunique()),
            [_title(part[part["metric"] == metric]) for metric in names],
            _key(part),
        )
        for part, names in zip(parts, metrics, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for part, names, axes in zip(parts, metrics, grid, strict=True):
        for i, (metric, ax) in enumerate(zip(names, axes, strict=True)):
            _panel(ax, part[part["metric"] == metric], _groups(part))
            _axes.name(ax, "runs drawn", "expected best", index=i, panels=len(axes), columns=layout.columns)
    return figure


def _title(part: pd.DataFrame) -> _grid.Title:
    row = part.iloc[0]
    return _grid.Title(str(row["label"]), _words.direction_of_badness(row["direction"]))


def _groups(part: pd.DataFrame) -> list[str]:
    return [str(name) for name in _most.drawn(list(dict.fromkeys(part.loc[part["searched"] != "all", "group"])))]


def _key(part: pd.DataFrame) -> list[_legend.Entry]:
    groups = part[part["searched"] != "all"]
    runs = groups.groupby("group")["n_runs"].max()
    all_runs = part.loc[part["searched"] == "all", "n_runs"]
    head = [(f"{ALL} (n={int(all_runs.max())})", EVERY)] if len(all_runs) else []
    return [*head, *_legend.key([f"{name} (n={int(runs[name])})" for name in _groups(part)])]


def _panel(ax: Axes, part: pd.DataFrame, groups: list[str]) -> None:
    all_runs = part[part["searched"] == "all"].sort_values("budget")
    numbers = part[["expected_best", "best_q05", "best_q95"]].to_numpy(dtype=np.float64)
    values = numbers[np.isfinite(numbers)].tolist()
    band = all_runs.dropna(subset=["best_q05", "best_q95"])
    ax.fill_between(
        band["budget"].astype(float), band["best_q05"], band["best_q95"], color="#D9D9D9", linewidth=0, zorder=1
    )
    for name, look in zip(groups, _legend.looks(groups), strict=True):
        line = part[(part["searched"] != "all") & (part["group"] == name)].sort_values("budget")
        spaced: dict[str, Any] = {"markevery": max(1, len(line) // 6)} if look.get("marker") else {}
        ax.plot(line["budget"], line["expected_best"], zorder=3, **look, **spaced)
    ax.plot(all_runs["budget"], all_runs["expected_best"], zorder=4, **EVERY)
    _axes.from_one(ax, most=float(part["budget"].max()), values=values)
