"""Sheets of named rows: the names at the left, then panels side by side. Each panel has text right of its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _legend
from gan_bench.report.figures._legend import Entry

POINTS, SMALL = 7.0, 6.0
MARGIN = 0.1
HEADING = 0.4
#: Height in inches for the ticks and the name of the axis below a panel.
BELOW = 0.42
NAMES = 2.7
#: Added to the width of names, in inches, so that rounding does not shorten the widest name.
SLACK = 1e-9
#: If a panel has more rows than this, its rows are closer together.
MANY = 20


@dataclass(frozen=True)
class Panel:
    """One panel of a sheet.

    Attributes:
        title: above the panel.
        words: text at the right of each row.
        put: draws the rows at y = 0, 1, ... downwards.
        x: name of the x axis.
        empty: text shown instead of the rows if there is nothing to draw.
    """

    title: _grid.Title
    words: Sequence[str]
    put: Callable[[Axes], None]
    x: str = ""
    empty: str = ""


@dataclass(frozen=True)
class RowBlock:
    """A heading, and panels with the same rows below it."""

    heading: str
    rows: Sequence[str]
    panels: Sequence[Panel]


def sheet(blocks: Sequence[RowBlock], panel_width: float, columns: int, key: Sequence[Entry] = ()) -> Figure:
    """The figure: blocks one below the other, each with at most `columns` panels in a line."""
    label = min(NAMES, max(_wide(name, POINTS) for block in blocks for name in block.rows) + 0.2)
    gutter = max(_wide(words, SMALL) for block in blocks for panel in block.panels for words in panel.words) + 0.24
    columns = min(columns, max(len(block.panels) for block in blocks))
    columns = style.fitting(columns, panel_width + gutter, 2 * MARGIN + label)
    width = max(2 * MARGIN + label + columns * (panel_width + gutter), 4.6)
    inner = width - 2 * MARGIN
    top = MARGIN + _legend.height(key, inner)
    lines = [[b.panels[i : i + columns] for i in range(0, len(b.panels), columns)] for b in blocks]
    title_width = panel_width + gutter - 0.1
    heads = [[max(p.title.height(title_width) for p in line) + 0.03 for line in block_lines] for block_lines in lines]
    height = top + sum(
        HEADING + sum(above + rows_height(block) + BELOW for above in block_lines)
        for block, block_lines in zip(blocks, heads, strict=True)
    )
    figure = style.new_figure(width, height + 0.04)
    _legend.put(figure, key, MARGIN, MARGIN, inner)
    y = top
    for block, block_lines, above in zip(blocks, lines, heads, strict=True):
        _grid.put_heading(figure, block.heading, MARGIN, y, inner)
        y += HEADING
        for line, head in zip(block_lines, above, strict=True):
            for i, panel in enumerate(line):
                x = MARGIN + label + i * (panel_width + gutter)
                ax = _grid.place(figure, x, y + head, panel_width, rows_height(block))
                _grid.put_title(ax, panel.title, title_width)
                _put(ax, block, panel, label - 0.2 + SLACK if i == 0 else 0.0, panel_width)
            y += head + rows_height(block) + BELOW
    return figure


def rows_height(block: RowBlock) -> float:
    pitch = 0.19 if len(block.rows) <= MANY else 0.155
    return max(pitch * len(block.rows), 0.5)


def _wide(text: str, points: float) -> float:
    return style.text_width(style.printable(text), points) if text else 0.0


def _put(ax: Axes, block: RowBlock, panel: Panel, label: float, inches: float) -> None:
    """Draw one panel. `label`: width in inches of the names at its left, 0 for none."""
    count = len(block.rows)
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks(range(count), [style.fit(name, label, POINTS) for name in block.rows] if label else [""] * count)
    ax.tick_params(axis="y", length=0, pad=4, labelsize=POINTS, labelcolor=style.INK, labelleft=bool(label))
    ax.spines["left"].set_visible(False)
    for row, words in enumerate(panel.words):
        _grid.put_beside(ax, row, words, 6, {"fontsize": SMALL, "color": style.MUTED})
    if panel.empty:
        _grid.explain_rows(ax, panel.empty, inches - 0.2)
        return
    panel.put(ax)
    ax.set_xlabel(panel.x, labelpad=1.5, fontsize=6.5)
