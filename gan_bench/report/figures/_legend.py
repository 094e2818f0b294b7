"""Legends, and the line styles in them: the first few lines of a figure have distinct styles, all others are grey."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gan_bench.report import style
from gan_bench.words import plural

Entry = tuple[str, style.Look]
"""(text, style of the line beside it)"""

POINTS = 7.0
ROW = 0.17
#: Length of the line of an entry, and space between entries, in inches.
HANDLE, BETWEEN = 0.3, 0.22
#: Largest width of the text of an entry, in inches.
WIDEST = 3.2


def height(entries: Sequence[Entry], inches: float) -> float:
    """Height of the legend in inches, if it is `inches` wide."""
    return ROW * len(_rows(entries, inches)) + 0.06 if entries else 0.0


def put(figure: Figure, entries: Sequence[Entry], x: float, y: float, inches: float) -> None:
    """Draw the legend. Its upper left corner is (x, y) inches from the upper left corner of the sheet."""
    width, tall = figure.get_size_inches()
    for i, row in enumerate(_rows(entries, inches)):
        level = 1 - (y + ROW * (i + 0.5)) / tall
        for words, look, left in row:
            ends = [(x + left) / width, (x + left + HANDLE) / width]
            middle = [sum(ends) / 2]
            line = {key: value for key, value in look.items() if not key.startswith("marker")}
            mark = {key: value for key, value in look.items() if key.startswith("marker") or key == "color"}
            if look.get("linestyle", "-") not in ("", "none"):
                figure.add_artist(Line2D(ends, [level, level], **line))
            if look.get("marker"):
                figure.add_artist(Line2D(middle, [level], linestyle="none", **mark))
            figure.text(ends[1] + 0.06 / width, level, words, fontsize=POINTS, va="center_baseline", ha="left")


def _rows(entries: Sequence[Entry], inches: float) -> list[list[tuple[str, style.Look, float]]]:
    """For each row of the legend, (words, line style, left edge in inches) of its entries."""
    rows: list[list[tuple[str, style.Look, float]]] = [[]]
    x = 0.0
    for text, look in entries:
        words = style.fit(text, min(WIDEST, inches - HANDLE - 0.1), POINTS)
        wide = HANDLE + 0.06 + style.text_width(words, POINTS)
        if rows[-1] and x + wide > inches:
            rows.append([])
            x = 0.0
        rows[-1].append((words, look, x))
        x += wide + BETWEEN
    return rows


_COLOURS = ("#0072B2", "#D55E00", "#007A5A", "#B0568A", "#222222", "#9A6A00", "#3E8FC4")
_DASHES = ("-", (0, (4, 1.6)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (2, 1)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
#: Number of lines that have distinct styles.
TOLD_APART = len(_COLOURS)
REST: style.Look = {"color": "#A6A6A6", "linestyle": "-", "linewidth": 0.6}


def looks(names: Sequence[str]) -> list[style.Look]:
    """Style of the line of each name. `names` are sorted by importance; all after the first TOLD_APART are grey."""
    distinct = [
        {"color": colour, "linestyle": dash, "marker": mark, "markersize": 3.0, "linewidth": 1.0}
        for colour, dash, mark in zip(_COLOURS, _DASHES, _MARKS, strict=True)
    ]
    return [distinct[i] if i < TOLD_APART else REST for i in range(len(names))]


def key(names: Sequence[str]) -> list[Entry]:
    """Entries of the legend: one for each name with a distinct style, and one for all grey names together."""
    entries = list(zip(names, looks(names), strict=True))[:TOLD_APART]
    n_grey = len(names) - TOLD_APART
    return [*entries, (plural(n_grey, "other"), REST)] if n_grey > 0 else entries
