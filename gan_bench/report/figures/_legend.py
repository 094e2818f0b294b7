"""A key (legend) in its own strip of a sheet, with as many rows as its entries need."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gan_bench.report import style

Entry = tuple[str, style.Look]
"""(text, style of the line beside it)"""

POINTS = 7.0
ROW = 0.17
#: Length of a line, and space between entries, in inches.
HANDLE, BETWEEN = 0.3, 0.22
#: Largest width of the text of an entry, in inches.
WIDEST = 3.2


def height(entries: Sequence[Entry], inches: float) -> float:
    """Inches that the key takes on a sheet of a width."""
    return ROW * len(_rows(entries, inches)) + 0.06 if entries else 0.0


def put(figure: Figure, entries: Sequence[Entry], x: float, y: float, inches: float) -> None:
    """Draw the key with its upper left corner at (x, y) inches from that of the sheet."""
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
    """(words, look, left edge in inches) of each entry, by row."""
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
