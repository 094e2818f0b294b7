"""The axis of values of a score panel: its limits, its scale and its ticks."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from gan_bench.report import style
from gan_bench.report.figures import _grid
from gan_bench.report.figures._scores import ScorePanel
from gan_bench.report.tables_input import Tables

#: Spread of positive values, as a factor, from which the axis is logarithmic.
LOG_FROM = 50.0


def points(scores: ScorePanel) -> list[float]:
    """All values that a panel must hold: seeds and floor; empty where no seed has a score."""
    seeds = [value for group in scores.seeds for value in group]
    return seeds + scores.floor if seeds else []


def use_log(values: list[float], scale: str) -> bool:
    """Whether the axis is logarithmic; never where a value is not positive."""
    if scale == "linear" or min(values) <= 0:
        return False
    return scale == "log" or max(values) / min(values) > LOG_FROM


def put_floor(ax: Axes, tables: Tables, dataset: str, metric: str) -> list[float]:
    """Draw a line at the score of real training images; its level, [] if the study has no floor."""
    table = tables.comparison
    rows = table[(table["dataset"] == dataset) & (table["metric"] == metric) & (table["kind"] == "floor")]
    levels: list[float] = rows["mean"].dropna().tolist()
    for level in levels:
        ax.axhline(level, zorder=1, **style.FLOOR)
    return levels


def limits(values: list[float], scores: ScorePanel, *, log: bool) -> tuple[float, float]:
    """Ends of the axis: all values, and intervals as far as they reach over half the values' own width.

    An interval of two seeds can be many times wider than what was measured; it is cut rather than flatten the rest.
    """
    to, back = (math.log10, lambda x: 10.0**x) if log else (float, float)
    low, high = to(min(values)), to(max(values))
    width = high - low or abs(high) * 0.2 or 1.0
    ends = [end for interval in scores.intervals if interval for end in interval if end > 0 or not log]
    low = min([low, *(max(to(end), low - 0.5 * width) for end in ends)])
    high = max([high, *(min(to(end), high + 0.5 * width) for end in ends)])
    room = 0.06 * width
    # The metric's own range ends the axis, so that no bar reaches into what cannot be.
    lowest, highest = scores.bounds
    low = max(low, to(lowest)) if math.isfinite(lowest) and (lowest > 0 or not log) else low
    high = min(high, to(highest)) if math.isfinite(highest) else high
    return back(low - room), back(high + room)


def finish_axis(ax: Axes, *, log: bool) -> None:
    """Few ticks with short numbers, a light grid in both directions."""
    if log:
        low, high = ax.get_xlim()
        decades = math.log10(high / low)
        between = (1.0, 2.0, 5.0) if decades < 1.6 else (1.0, 3.0) if decades < 2.6 else (1.0,)
        ax.xaxis.set_major_locator(LogLocator(subs=between, numticks=6))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _grid.compact(value)))
    ax.spines["left"].set_visible(False)
