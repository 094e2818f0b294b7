"""Metrics over training: scores of the generators that runs kept while they trained, one line per variant."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.metrics import badness
from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _legend, _most, _words
from gan_bench.report.figures._scores import means_by_step
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "method: scores of kept generators by step; every seed shown: after Agarwal et al. 2021, arXiv 2108.13264",
    "caption": (
        "Scores of the generators that runs kept during training, by generator step: one panel per data set and "
        "metric, one line per variant. Line: mean on the metric's scale over the seeds that have a score at that step "
        "(n in the key: seeds with any score); thin lines: single seeds. Dashed green: real images (ideal). If there "
        "are more than seven variants, the seven best at their last step have distinct colours and the others "
        "are grey."
    ),
    "category": "Training",
    "order": 4,
    "needs": ["comparison", "curves", "metrics"],
    "when": ["checkpoints"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 2.3, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 1.5, "min": 0.8, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per metric that has a direction and a value."""
    curves = tables.curves.dropna(subset=["value"])
    curves = curves[curves["direction"] != "none"]
    if curves.empty:
        return _grid.empty_sheet(
            "No run kept generators during training (key `checkpoints` of a study), so there are no curves."
        )
    parts = [part for dataset in tables.datasets if len(part := curves[curves["dataset"] == dataset])]
    metrics = [list(dict.fromkeys(part["metric"])) for part in parts]
    layout = _axes.layout(metrics, settings, below=0.38)
    best = [_order(part, names[0]) for part, names in zip(parts, metrics, strict=True)]
    variants = [list(_most.drawn(order)) for order in best]
    parts = [part[part["cell"].isin(order)] for part, order in zip(parts, variants, strict=True)]
    sections = [
        _grid.Section(
            _most.heading(tables, part["dataset"].iloc[0], len(order), "best"),
            [_title(tables, part, metric) for metric in names],
            _key(part, shown),
        )
        for part, names, shown, order in zip(parts, metrics, variants, best, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for part, names, order, axes in zip(parts, metrics, variants, grid, strict=True):
        for i, (metric, ax) in enumerate(zip(names, axes, strict=True)):
            _panel(ax, tables, part[part["metric"] == metric], order)
            _axes.name(ax, "generator steps", "score", index=i, panels=len(axes), columns=layout.columns)
    return figure


def _title(tables: Tables, part: pd.DataFrame, metric: str) -> _grid.Title:
    n = part.loc[part["metric"] == metric, "n_fake"].dropna()
    return _words.metric_title(tables, metric, f"; {n.iloc[0]} generated" if len(n) else "")


def _order(part: pd.DataFrame, metric: str) -> list[str]:
    """Cells sorted by the mean of `metric` at the last step of each cell, best first. Cells without a mean are last."""
    first = part[part["metric"] == metric]
    last = first[first["step"] == first.groupby("cell")["step"].transform("max")]
    means = last.groupby("cell")["value"].mean()
    direction = str(first["direction"].iloc[0])
    best = [str(cell) for cell in badness(means, direction).sort_values(kind="stable").index]
    return best + [cell for cell in dict.fromkeys(part["cell"]) if cell not in best]


def _key(part: pd.DataFrame, order: list[str]) -> list[_legend.Entry]:
    variant = dict(zip(part["cell"], part["variant"], strict=True))
    seeds = part.groupby("cell")["seed"].nunique()
    names = [f"{variant[cell]} (n={seeds[cell]})" for cell in order]
    return [*_legend.key(names), ("real images (ideal)", style.FLOOR)]


def _panel(ax: Axes, tables: Tables, part: pd.DataFrame, order: list[str]) -> None:
    dataset, metric = part["dataset"].iloc[0], part["metric"].iloc[0]
    levels = _axes.put_floor(ax, tables, dataset, metric)
    for rank, (cell, look) in reversed(list(enumerate(zip(order, _legend.looks(order), strict=True)))):
        runs = part[part["cell"] == cell]
        if rank < _legend.TOLD_APART:
            for _, run in runs.sort_values("step").groupby("seed"):
                ax.plot(run["step"], run["value"], color=look["color"], linewidth=0.4, alpha=0.45, zorder=2)
        means = means_by_step(tables, runs)
        ax.plot(means.index, means, zorder=3 if rank < _legend.TOLD_APART else 1.5, **look)
    values = part["value"].tolist() + levels
    log = _axes.use_log(values, "auto")
    ax.set_yscale("log" if log else "linear")
    ax.set_ylim(*_axes.limits(values, log=log))
    ax.set_xlim(0, float(part["step"].max()) * 1.04)
    _axes.finish(ax, y_log=log, whole_x=True)
