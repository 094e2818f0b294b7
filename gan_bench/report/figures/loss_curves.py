"""Losses of discriminator and generator over training, one panel per cell with all its seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most, _words
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "Goodfellow et al. 2014, arXiv 1406.2661, eq. 1: the two losses drawn; small multiples after Tufte 1990",
    "caption": (
        "Training losses, one panel per variant and data set: thin lines are seeds (n in each title), heavy lines "
        "their mean. Solid: discriminator, sum of its real and fake half without penalty; dashed: generator. Each "
        "point is the mean over the steps since the point before. A cross marks the step at which a run diverged. "
        "Panels of one loss and data set share their axis; losses of different families are not comparable. If a few "
        "values are outside the axis, an arrow gives the most extreme of them. Titles give the verdicts of the "
        "collapse detector. If it found a failure, the panel is shaded from the step at which the failure of the first "
        "seed began, and a text gives the verdict and the number of seeds that have it."
    ),
    "category": "Training",
    "order": 3,
    "needs": ["histories", "run_cards"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.9, "min": 1.2, "max": 6, "unit": "inches", "help": "of a panel"},
        "panel_height": {
            "type": "float",
            "default": 1.15,
            "min": 0.8,
            "max": 6,
            "unit": "inches",
            "help": "of a panel",
        },
        "cut": {
            "type": "float",
            "default": 1.0,
            "min": 0,
            "max": 20,
            "unit": "percent",
            "help": "share of values at each end that may be outside the loss axis",
        },
    },
    "deviations": [],
}

CROSS: style.Look = {"color": style.INK, "marker": "X", "markersize": 6.5, "markeredgecolor": "white", "linestyle": ""}
#: Verdicts that are not shaded. The first two report no failure, and a divergence is marked by a cross instead.
CALM = ("no_sign_found", "not_judged", "diverged")
PLAYERS = (("d_loss", "discriminator", style.DISCRIMINATOR), ("g_loss", "generator", style.GENERATOR))


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per cell."""
    cells = [_most.drawn(tables.cells_of(dataset)) for dataset in tables.datasets]
    layout = _grid.GridLayout(
        columns=_grid.columns_for(cells, widest=6),
        panel_width=settings["panel_width"],
        panel_height=settings["panel_height"],
        left=0.42,
        right=0.14,
        below=0.36,
        least=4.0,
    )
    sections = [
        _grid.Section(_most.heading_of_cells(tables, dataset), [_words.cell_title(tables, cell) for cell in members])
        for dataset, members in zip(tables.datasets, cells, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    _legend(figure, layout)
    shown = [cell for members in cells for cell in members]
    histories = tables.histories_of(shown, ("step", *(column for column, _, _ in PLAYERS)))
    for members, axes in zip(cells, grid, strict=True):
        ends = _family_limits(members, histories, settings["cut"])
        for i, (cell, ax) in enumerate(zip(members, axes, strict=True)):
            _panel(ax, tables, cell, histories[cell], layout.panel_width, ends.get(_family(cell)))
            _label(ax, i, len(members), layout.columns)
    return figure


def _family(cell: PlannedCell) -> str:
    """Family of a cell: the name of its loss, or of its method if it has no loss.

    Losses are comparable within a family.
    """
    return str((cell.settings.get("loss") or cell.settings["method"])["name"])


def _finite(history: pd.DataFrame) -> np.ndarray:
    values = history[["d_loss", "g_loss"]].to_numpy(dtype=np.float64)
    return np.asarray(values[np.isfinite(values)])


def _family_limits(
    cells: Sequence[PlannedCell], histories: Mapping[PlannedCell, pd.DataFrame], cut: float
) -> dict[str, tuple[float, float]]:
    """Limits of the loss axis of each family. They contain the limits of each panel of the family (see `_limits`)."""
    ends: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        if (finite := _finite(histories[cell])).size:
            ends.setdefault(_family(cell), []).append(_limits(finite, cut))
    return {name: (min(low for low, _ in pairs), max(high for _, high in pairs)) for name, pairs in ends.items()}


def _panel(
    ax: Axes, tables: Tables, cell: PlannedCell, history: pd.DataFrame, inches: float, ends: tuple[float, float] | None
) -> None:
    finite = _finite(history)
    if not finite.size or ends is None:
        _grid.explain(ax, "no finite loss was logged", inches - 0.2)
        return
    for _, run in history.groupby("seed", sort=True):
        for column, _, look in PLAYERS:
            ax.plot(run["step"], run[column], alpha=0.4, linewidth=0.5, **look)
    means = history.groupby("step")[[column for column, _, _ in PLAYERS]].mean()
    for column, _, look in PLAYERS:
        ax.plot(means.index, means[column], linewidth=1.4, **look)
    low, high = ends
    began = _suspected(tables, cell)
    arrow = finite.max() > high
    # Space above the curves for the text.
    strip = 0.13 * (len(began) + (bool(began) and arrow))
    ax.set_ylim(low, high + strip / (1 - strip) * (high - low))
    ax.set_xlim(0, float(history["step"].max()) * 1.02)
    _extremes(ax, finite, low, high)
    _crosses(ax, tables, cell, history)
    _shade(ax, began, len(cell.seeds), inches, 0.98 - 0.13 * bool(arrow))


def _limits(finite: np.ndarray, cut: float) -> tuple[float, float]:
    """Axis limits that contain all values except `cut` percent at each end, with a margin."""
    low, high = np.percentile(finite, [cut, 100 - cut])
    room = 0.08 * (high - low) or 0.1 * max(abs(high), 1.0)
    # Values at an end are cut only if the most extreme value is at least 6 x `room` beyond the percentile. This is
    # about half of the range between the percentiles.
    low = finite.min() if finite.min() > low - 6 * room else low
    high = finite.max() if finite.max() < high + 6 * room else high
    return float(low - room), float(high + room)


def _extremes(ax: Axes, finite: np.ndarray, low: float, high: float) -> None:
    """If values lie beyond an end of the axis, draw an arrow there, with the most extreme value."""
    marks = [(finite.max() > high, finite.max(), "\N{UPWARDS ARROW}", 0.98, "top")]
    marks.append((finite.min() < low, finite.min(), "\N{DOWNWARDS ARROW}", 0.03, "bottom"))
    for outside, value, arrow, y, align in marks:
        if outside:
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6}
            text = f"{arrow} {_grid.compact(float(value))}"
            at: style.Look = {"transform": ax.transAxes, "ha": "right", "va": align, "fontsize": 6}
            ax.text(0.98, y, text, color=style.MUTED, bbox=box, **at)


def _crosses(ax: Axes, tables: Tables, cell: PlannedCell, history: pd.DataFrame) -> None:
    """For each diverged seed, draw a cross on a dotted line at the step at which it diverged."""
    low, high = ax.get_ylim()
    for seed in cell.seeds:
        card = tables.card(cell, seed)
        if card["status"] != "diverged":
            continue
        step = (card["status_document"] or {}).get("step")
        if step is None:
            step = history.loc[history["seed"] == seed, "step"].max()
        if pd.isna(step):
            continue
        ax.axvline(step, color=style.MUTED, linewidth=0.6, linestyle=":")
        ax.set_xlim(0, max(ax.get_xlim()[1], float(step) * 1.02))
        ax.plot([step], [high - 0.12 * (high - low)], clip_on=False, zorder=5, **CROSS)


def _suspected(tables: Tables, cell: PlannedCell) -> dict[str, list[float]]:
    """Verdict that reports a failure -> for each seed with this verdict, the step at which the failure began.

    The verdict with the earliest step is first.
    """
    began: dict[str, list[float]] = {}
    for seed in cell.seeds:
        verdict = tables.card(cell, seed)["collapse"] or {}
        if verdict.get("began_step") is not None and verdict.get("verdict") not in (None, *CALM):
            began.setdefault(str(verdict["verdict"]), []).append(float(verdict["began_step"]))
    return dict(sorted(began.items(), key=lambda item: min(item[1])))


def _shade(ax: Axes, began: dict[str, list[float]], seeds: int, inches: float, top: float) -> None:
    """For each verdict, shade the panel from the earliest step at which the failure began, and write the verdict.

    Verdicts are written one below the other, from `top` downwards. `top` is a share of the panel's height.
    """
    end = ax.get_xlim()[1]
    for row, (verdict, steps) in enumerate(began.items()):
        ax.axvspan(min(steps), end, color=style.SUSPECT, alpha=0.55, linewidth=0, zorder=0)
        ax.axvline(min(steps), color=style.ALARM, linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=1)
        count = f" ({len(steps)} of {seeds})" if seeds > 1 else ""
        words = style.fit(f"{style.in_words(verdict)} from {_grid.compact(min(steps))}{count}", inches * 0.94, 6)
        at: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "top", "fontsize": 6}
        ax.text(0.98, top - 0.12 * row, words, color=style.ALARM, zorder=6, **at)


def _label(ax: Axes, index: int, panels: int, columns: int) -> None:
    """Set the ticks; write axis names only at the left of the sheet and below the last panel of a column."""
    ax.grid(visible=False, axis="x")
    if not ax.lines:
        return
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(_grid.compact)
    _axes.name(ax, "generator steps", "loss (batch mean)", index=index, panels=panels, columns=columns)


def _legend(figure: Figure, layout: _grid.GridLayout) -> None:
    lines: list[Line2D] = [Line2D([], [], label=label, **look) for _, label, look in PLAYERS]  # type: ignore[arg-type]
    cross = Line2D([], [], label="run diverged", **CROSS)
    top = 1 - 0.06 / figure.get_size_inches()[1]
    left = layout.margin / figure.get_size_inches()[0]
    figure.legend(handles=[*lines, cross], loc="upper left", bbox_to_anchor=(left, top), ncols=3, borderaxespad=0)
