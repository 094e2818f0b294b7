"""Classes or modes of the samples, compared with the data: one panel per variant."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4, arXiv 1705.07761: modes as classes of a classifier",
    "caption": (
        "Share of each class (the most probable class by the extractor) or mode among the samples of the finished "
        "seeds (n in each title): bars are means over seeds, circles single seeds. Stepped line: the real images that "
        "scores use. Classes are sorted by their share of the samples, largest first. With more than 40 classes, each "
        "seed and the real images are sorted separately. Titles "
        "give the number of classes that no seed reaches and, for modes, the share of samples in no mode."
    ),
    "category": "Samples",
    "order": 7,
    "needs": ["media"],
    "when": ["modes"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.9, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {"type": "float", "default": 0.9, "min": 0.6, "max": 6, "unit": "inches", "help": "of a panel"},
    },
    "deviations": [],
}

#: With more than MANY modes, the shares of each seed are sorted before averaging, and no circles are drawn for single
#: seeds. The names of the modes are written only if there are at most NAMED modes.
MANY, NAMED = 40, 12
BAR = "#9CCBE8"


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set that has classes or modes, a panel per cell."""
    members = [_most.drawn(tables.cells_of(dataset)) for dataset in tables.datasets]
    modes_of = {
        cell: [m for seed in cell.seeds if (m := tables.modes(cell, seed))] for cells in members for cell in cells
    }
    shown = [cells for cells in members if any(modes_of[cell] for cell in cells)]
    if not shown:
        return _grid.empty_sheet("No finished run has counts of its samples by class or mode, so this figure is empty.")
    width = settings["panel_width"]
    layout = _grid.GridLayout(
        columns=_grid.columns_for(shown, widest=5),
        panel_width=width,
        panel_height=settings["panel_height"],
        left=0.42,
        right=0.12,
        below=0.34,
        top=0.1,
        least=3.6,
    )
    key = [
        ("samples, mean over seeds", {"color": BAR, "linestyle": "-", "linewidth": 5, "solid_capstyle": "butt"}),
        (
            "one seed",
            {"color": "#0072B2", "marker": "o", "markersize": 2.6, "markerfacecolor": "none", "linestyle": "none"},
        ),
        ("real images", {"color": style.INK, "linestyle": "-", "linewidth": 1.0}),
    ]
    sections = [
        _grid.Section(
            _most.heading_of_cells(tables, cells[0].dataset), [_title(cell, modes_of[cell]) for cell in cells], key
        )
        for cells in shown
    ]
    figure, grid = _grid.sheet(sections, layout)
    for cells, axes in zip(shown, grid, strict=True):
        for i, (cell, ax) in enumerate(zip(cells, axes, strict=True)):
            _panel(ax, modes_of[cell], width)
            if i % layout.columns == 0 and modes_of[cell]:
                ax.set_ylabel("share of images", labelpad=1.5, fontsize=6.5)
    return figure


def _title(cell: PlannedCell, modes: list[dict[str, Any]]) -> _grid.Title:
    if not modes:
        return _grid.Title(cell.variant, "n=0: no finished run", style.ALARM)
    counts = np.array([seed_modes["samples"] for seed_modes in modes])
    unreached = int((counts.sum(axis=0) == 0).sum())
    k, kind = counts.shape[1], modes[0]["kind"]
    reached = f"{unreached} of {k} {kind} not reached" if unreached else f"all {k} {kind} reached"
    note = f"n={len(modes)}; {reached}"
    outside = sum(seed_modes["outside"] for seed_modes in modes)
    if kind == "modes":
        note += f"; {100 * outside / max(1, int(counts.sum())):.0f} % in no mode"
    return _grid.Title(cell.variant, note, style.ALARM if unreached else style.MUTED)


def _panel(ax: Axes, modes: list[dict[str, Any]], inches: float) -> None:
    if not modes:
        _grid.explain(ax, "no samples", inches - 0.2)
        return
    totals = [max(1, sum(seed_modes["samples"])) for seed_modes in modes]
    samples = np.array([np.array(seed_modes["samples"]) / n for seed_modes, n in zip(modes, totals, strict=True)])
    real = np.array(modes[0]["real"]) / max(1, sum(modes[0]["real"]))
    k = samples.shape[1]
    order = np.argsort(-samples.mean(axis=0), kind="stable")
    samples, real = (-np.sort(-samples, axis=1), -np.sort(-real)) if k > MANY else (samples[:, order], real[order])
    places = np.arange(k)
    ax.bar(places, samples.mean(axis=0), width=0.86 if k <= MANY else 1.0, color=BAR, linewidth=0, zorder=2)
    if k <= MANY:
        for seed in samples:
            ax.plot(places, seed, marker="o", markersize=1.8, markerfacecolor="none", color="#0072B2", linestyle="none")
    ax.stairs(real, np.arange(k + 1) - 0.5, color=style.INK, linewidth=0.9, baseline=None, zorder=3)
    ax.set_xlim(-0.6, k - 0.4)
    ax.set_ylim(0, max(float(samples.max()), float(real.max())) * 1.08)
    ax.grid(visible=False, axis="x")
    _ticks(ax, modes[0], order, inches)


def _ticks(ax: Axes, modes: dict[str, Any], order: np.ndarray, inches: float) -> None:
    """Write the names of the classes or modes, sorted by `order`, if they fit; else write how many there are."""
    k = len(order)
    ax.yaxis.set_major_formatter(_axes.percent)
    ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    names = [str((modes["names"] or range(k))[i]) for i in order]
    room = inches / k - 0.03
    if k <= NAMED and all(style.text_width(style.printable(name), 6.5) <= room for name in names):
        ax.set_xticks(range(k), [style.fit(name, room, 6.5) for name in names])
    else:
        ax.set_xticks([])
        ax.set_xlabel(f"{k} {modes['kind']}, largest first", labelpad=2, fontsize=6.5)
