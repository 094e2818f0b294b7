"""Ticks, names and limits of the axes of a panel: few ticks with short numbers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from gan_bench.report.figures import _grid

#: Points of the names of the axes.
POINTS = 6.5


def layout(metrics: Sequence[Sequence[str]], settings: Mapping[str, Any], *, below: float) -> _grid.GridLayout:
    """Layout of sections with a panel of lines for each of their metrics."""
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
    """Set the ticks of both axes; call it after the limits are set."""
    ax.grid(visible=False, axis="x")
    _ticks(ax.xaxis, log=x_log, most=4, whole=whole_x)
    _ticks(ax.yaxis, log=y_log, most=4, whole=False)


def values(ax: Axes, *, log: bool) -> None:
    """Ticks of a panel of rows: along x alone."""
    _ticks(ax.xaxis, log=log, most=3, whole=False)


def name(ax: Axes, x: str, y: str, *, index: int, panels: int, columns: int) -> None:
    """Names of the axes: y at the left of the sheet, x below the last panel of a column."""
    if index % columns == 0:
        ax.set_ylabel(y, labelpad=1.5, fontsize=POINTS)
    if index + columns >= panels:
        ax.set_xlabel(x, labelpad=1.5, fontsize=POINTS)


def limits(values: Sequence[float], *, log: bool = False, room: float = 0.08) -> tuple[float, float]:
    """Limits of an axis that contain `values` with a margin of `room` times their range on either side."""
    to, back = (math.log10, lambda x: 10.0**x) if log else (float, float)
    low, high = to(min(values)), to(max(values))
    width = (high - low) or (0.5 if log else abs(high) * 0.2 or 1.0)
    return back(low - room * width), back(high + room * width)


def _ticks(axis: Axis, *, log: bool, most: int, whole: bool) -> None:
    if log:
        low, high = sorted(axis.get_view_interval())
        decades = math.log10(high / low)
        between = (1.0, 2.0, 5.0) if decades < 1.3 else (1.0, 3.0) if decades < 2.6 else (1.0,)
        axis.set_major_locator(LogLocator(subs=between, numticks=most + 2))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(most, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: _grid.compact(value)))
