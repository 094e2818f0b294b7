"""Best validation score of a search by its number of trials, one line for each variant, with intervals."""

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
        "Best validation score by the number of trials, one panel per variant, the other variants in grey. Random "
        "search: expected best of k trials drawn without replacement from those of the variant, with a 95 % bootstrap "
        "band over the trials; the band is too narrow near the right end. Samplers that learn from earlier trials: "
        "best of the first k trials, one search, no band. A trial without a score is never the best."
    ),
    "category": "Search",
    "order": 0,
    "needs": [],
    "wants": ["search_curves"],
    "when": ["search"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 2.3, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 1.5, "min": 0.8, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

OTHERS: dict[str, Any] = {"color": "#BBBBBB", "linewidth": 0.8}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per variant."""
    table = tables.wanted("search_curves")
    if len(table):
        table = table[table["expected_best"].notna()]
    if not len(table):
        return _grid.empty_sheet("The study has no search, or no trial has a score: there is no best to draw.")
    parts = [part for _, part in table.groupby("dataset", sort=False)]
    names = [[str(name) for name in _most.drawn(list(dict.fromkeys(part["variant"])))] for part in parts]
    layout = _axes.layout(names, settings, below=0.38)
    sections = [
        _grid.Section(
            _most.heading(tables, part["dataset"].iloc[0], part["variant"].nunique()),
            [_title(name, part) for name in of],
            [*_legend.key(["this variant"]), ("other variants", OTHERS)],
        )
        for part, of in zip(parts, names, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for part, of, axes in zip(parts, names, grid, strict=True):
        for i, (name, ax) in enumerate(zip(of, axes, strict=True)):
            _panel(ax, part, name)
            _axes.name(ax, "trials", "best validation score", index=i, panels=len(axes), columns=layout.columns)
    return figure


def _title(variant: str, part: pd.DataFrame) -> _grid.Title:
    row = part.iloc[0]
    return _grid.Title(variant, f"{row['metric']}; {_words.direction_of_badness(row['direction'])}")


def _panel(ax: Axes, part: pd.DataFrame, variant: str) -> None:
    numbers = part[["expected_best", "expected_low", "expected_high"]].to_numpy(dtype=np.float64)
    values = numbers[np.isfinite(numbers)].tolist()
    for name, line in part.groupby("variant", sort=False):
        if name != variant:
            ax.plot(line["trials"], line["expected_best"], zorder=2, **OTHERS)
    own = part[part["variant"] == variant].sort_values("trials")
    look = _legend.looks([variant])[0]
    band = own.dropna(subset=["expected_low", "expected_high"])
    ax.fill_between(
        band["trials"].astype(float),
        band["expected_low"].astype(float),
        band["expected_high"].astype(float),
        color=look["color"],
        alpha=0.2,
        linewidth=0,
        zorder=1,
    )
    ax.plot(own["trials"], own["expected_best"], zorder=3, **look)
    _axes.from_one(ax, most=float(part["trials"].max()), values=values)
