"""Line styles of groups: the first few differ in colour, dash and mark, the others are grey."""

from collections.abc import Sequence

from gan_bench.report import style
from gan_bench.report.figures._legend import Entry

_COLOURS = ("#0072B2", "#D55E00", "#007A5A", "#B0568A", "#222222", "#9A6A00", "#3E8FC4")
_DASHES = ("-", (0, (4, 1.6)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (2, 1)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
#: Number of groups with a distinct style.
TOLD_APART = len(_COLOURS)
REST: style.Look = {"color": "#A6A6A6", "linestyle": "-", "linewidth": 0.6}


def looks(names: Sequence[str]) -> list[style.Look]:
    """Line style of each of `names`, most important first; those after the first TOLD_APART are grey."""
    distinct = [
        {"color": colour, "linestyle": dash, "marker": mark, "markersize": 3.0, "linewidth": 1.0}
        for colour, dash, mark in zip(_COLOURS, _DASHES, _MARKS, strict=True)
    ]
    return [distinct[i] if i < TOLD_APART else REST for i in range(len(names))]


def key(names: Sequence[str]) -> list[Entry]:
    """Entries of the key: one per name with a distinct style, and one for all others."""
    entries = list(zip(names, looks(names), strict=True))[:TOLD_APART]
    more = len(names) - TOLD_APART
    return [*entries, (f"{more} others", REST)] if more > 0 else entries
