"""Ticks, names, scales and limits of a panel's axes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from gan_bench.report import style
from gan_bench.report.figures import _grid
from gan_bench.report.figures._scores import ScorePanel
from gan_bench.report.tables_input import Tables

#: Font size of the names of the axes, in points.
POINTS = 6.5
#: An axis is logarithmic if all values are positive and the largest is more than LOG_FROM times the smallest.
LOG_FROM = 50.0


def layout(metrics: Sequence[Sequence[str]], settings: Mapping[str, Any], *, below: float) -> _grid.GridLayout:
    """Layout of sections, each with one line plot per metric."""
    return _grid.GridLayout(
        columns=_grid.columns_for(metrics, widest=4),
        panel_width=settings["panel_width"],
        panel_height=settings["panel_height"],
        right=0.16,
        below=below,
        top=0.1,
        least=4.6,
    )


def finish(ax: Axes, *, x_log: bool = False, y_log: bool = False, whole_x: bool = False) -> None:
    """Set the ticks of x and y. Call this function after the limits are set."""
    ax.grid(visible=False, axis="x")
    _ticks(ax.xaxis, log=x_log, most=4, whole=whole_x)
    _ticks(ax.yaxis, log=y_log, most=4, whole=False)


def values(ax: Axes, *, log: bool, most: int = 3, fine: float = 1.3) -> None:
    """Set the ticks of x in a panel of rows.

    A logarithmic axis of fewer than `fine` decades also has ticks at 2 and 5 times each power of ten.
    """
    _ticks(ax.xaxis, log=log, most=most, whole=False, fine=fine)


def percent(share: float, _position: object = None) -> str:
    """Tick label of a share: 0.25 -> "25 %"."""
    return f"{100 * share:.0f} %"


def shares(ax: Axes) -> None:
    """Set the ticks of x for shares: 0, 50 and 100 %."""
    ax.set_xticks([0, 0.5, 1])
    ax.xaxis.set_major_formatter(percent)


def name(ax: Axes, x: str, y: str, *, index: int, panels: int, columns: int) -> None:
    """Write the names of the axes: y at panels in the first column, x below the last panel of each column."""
    if index % columns == 0:
        ax.set_ylabel(y, labelpad=1.5, fontsize=POINTS)
    if index + columns >= panels:
        ax.set_xlabel(x, labelpad=1.5, fontsize=POINTS)


def limits(values: Sequence[float], *, log: bool = False, room: float = 0.08) -> tuple[float, float]:
    """Limits of an axis around `values`, with a margin of `room` times their range at each end."""
    to, back = (math.log10, lambda x: 10.0**x) if log else (float, float)
    low, high = to(min(values)), to(max(values))
    width = (high - low) or (0.5 if log else abs(high) * 0.2 or 1.0)
    return back(low - room * width), back(high + room * width)


def points(scores: ScorePanel) -> list[float]:
    """All values that a panel must show: scores of the seeds, and the floor, which is the score of real images.

    [] if no seed has a score.
    """
    seeds = [value for group in scores.seeds for value in group]
    return seeds + scores.floor if seeds else []


def from_one(ax: Axes, *, most: float, values: list[float]) -> None:
    """Set scales, limits and ticks of a panel with counts from 1 to `most` on x and `values` on y."""
    x_log, y_log = most >= 30, use_log(values, "auto")
    ax.set_xscale("log" if x_log else "linear")
    ax.set_yscale("log" if y_log else "linear")
    ax.set_ylim(*limits(values, log=y_log))
    ax.set_xlim(*limits([1.0, most], log=x_log, room=0.04))
    finish(ax, x_log=x_log, y_log=y_log, whole_x=True)


def use_log(values: list[float], scale: str) -> bool:
    """Whether an axis for `values` is logarithmic. `scale`: "auto", "log" or "linear". False if a value is <= 0."""
    if scale == "linear" or min(values) <= 0:
        return False
    return scale == "log" or max(values) / min(values) > LOG_FROM


def put_floor(ax: Axes, tables: Tables, dataset: str, metric: str) -> list[float]:
    """Draw a line at the floor, the score of real images. Returns [floor], or [] if the study has no floor."""
    table = tables.comparison
    rows = table[(table["dataset"] == dataset) & (table["metric"] == metric) & (table["kind"] == "floor")]
    levels: list[float] = rows["mean"].dropna().tolist()
    for level in levels:
        ax.axhline(level, zorder=1, **style.FLOOR)
    return levels


def score_limits(values: list[float], scores: ScorePanel, *, log: bool) -> tuple[float, float]:
    """Limits of an axis that shows values and intervals.

    All values are inside. Intervals widen the axis by at most half of the range of the values at each end, and are cut
    beyond that. The interval of a mean of two seeds can be many times wider than this range. Without the cut, the
    values would be unreadable.
    """
    to, back = (math.log10, lambda x: 10.0**x) if log else (float, float)
    low, high = to(min(values)), to(max(values))
    width = high - low or abs(high) * 0.2 or 1.0
    ends = [end for interval in scores.intervals if interval for end in interval if end > 0 or not log]
    low = min([low, *(max(to(end), low - 0.5 * width) for end in ends)])
    high = max([high, *(min(to(end), high + 0.5 * width) for end in ends)])
    room = 0.06 * width
    # The axis ends near the bounds of the metric, so no bar reaches impossible values.
    lowest, highest = scores.bounds
    low = max(low, to(lowest)) if math.isfinite(lowest) and (lowest > 0 or not log) else low
    high = min(high, to(highest)) if math.isfinite(highest) else high
    return back(low - room), back(high + room)


def _ticks(axis: Axis, *, log: bool, most: int, whole: bool, fine: float = 1.3) -> None:
    if log:
        low, high = sorted(axis.get_view_interval())
        decades = math.log10(high / low)
        between = (1.0, 2.0, 5.0) if decades < fine else (1.0, 3.0) if decades < 2.6 else (1.0,)
        axis.set_major_locator(LogLocator(subs=between, numticks=most + 2))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(most, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(_grid.compact)
