"""Grid of panels on a sheet, laid out in inches.

Sections are drawn one below the other, and the panels of a section have equal sizes. Headings, legends, titles and
panels have separate strips of the sheet, so nothing overlaps or is cut.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gan_bench.report import style
from gan_bench.report.figures import _legend

HEADING_POINTS = 9.5
TITLE_POINTS = 7.5
NOTE_POINTS = 6.5
#: Height of a line of text in inches, divided by its font size in points.
LINE = 1.3 / 72.0
#: Space in inches between a panel and the note of its title, and between this note and the name above it.
GAP = 0.03
#: Width of regular letters divided by the width of bold letters. Widths of text are measured in regular letters.
BOLD = 0.86


@dataclass(frozen=True)
class Section:
    """A heading, and below it one panel for each title.

    Attributes:
        key: entries of the legend under the heading.
        tall: height of the panels in inches; None for the height in the layout.
    """

    heading: str
    titles: Sequence["Title"]
    key: Sequence[_legend.Entry] = ()
    tall: float | None = None


@dataclass(frozen=True)
class GridLayout:
    """Sizes in inches.

    `left`, `right` and `below` are the margins of each panel. `top` is the space above the first section. `least` is
    the smallest width of the sheet. Names of rows are left of a panel. `over_names`: whether the title starts above
    these names instead of above the panel.
    """

    columns: int
    panel_width: float
    panel_height: float
    left: float = 0.5
    right: float = 0.08
    below: float = 0.34
    heading: float = 0.4
    top: float = 0.36
    margin: float = 0.08
    least: float = 2.6
    over_names: bool = False

    def __post_init__(self) -> None:
        one = self.left + self.panel_width + self.right
        object.__setattr__(self, "columns", style.fitting(self.columns, one, 2 * self.margin))

    @property
    def width(self) -> float:
        return max(2 * self.margin + self.columns * (self.left + self.panel_width + self.right), self.least)

    @property
    def title_width(self) -> float:
        return self.panel_width + (self.left - 0.1 if self.over_names else 0.0)

    def rows(self, section: Section) -> list[float]:
        """Space above the panels of each row of a section: the height of the tallest title in the row."""
        above = [title.height(self.title_width) for title in section.titles]
        return [max(above[i : i + self.columns]) for i in range(0, len(above), self.columns)]

    def height(self, sections: Sequence[Section]) -> float:
        return self.top + sum(self.section_height(section) for section in sections) + self.margin

    def section_height(self, section: Section) -> float:
        return self.head(section) + sum(above + self.tall(section) + self.below for above in self.rows(section))

    def tall(self, section: Section) -> float:
        """Height of a section's panels."""
        return self.panel_height if section.tall is None else section.tall

    def head(self, section: Section) -> float:
        """Height of a section's heading and legend."""
        return (self.heading if section.heading else 0.0) + _legend.height(section.key, self.inner)

    @property
    def inner(self) -> float:
        """Width of the sheet without its margins."""
        return self.width - 2 * self.margin


def sheet(sections: Sequence[Section], layout: GridLayout) -> tuple[Figure, list[list[Axes]]]:
    """Returns (figure with headings, legends and titles; for each section, the axes of its panels, row by row)."""
    figure = style.new_figure(layout.width, layout.height(sections))
    y = layout.top
    grid: list[list[Axes]] = []
    for section in sections:
        if section.heading:
            put_heading(figure, section.heading, layout.margin, y, layout.inner)
        head = layout.head(section)
        if section.key:
            key = y + head - _legend.height(section.key, layout.inner)
            _legend.put(figure, section.key, layout.margin, key, layout.inner)
        grid.append(_panels(figure, layout, section, y + head))
        y += layout.section_height(section)
    for section, axes in zip(sections, grid, strict=True):
        for title, ax in zip(section.titles, axes, strict=True):
            if layout.over_names:
                _put_title_over(ax, title, layout.left - 0.05, layout.title_width)
            else:
                put_title(ax, title, layout.panel_width)
    return figure, grid


def _panels(figure: Figure, layout: GridLayout, section: Section, y: float) -> list[Axes]:
    axes = []
    for row, above in enumerate(layout.rows(section)):
        first = row * layout.columns
        for column in range(min(layout.columns, len(section.titles) - first)):
            x = layout.margin + column * (layout.left + layout.panel_width + layout.right) + layout.left
            axes.append(place(figure, x, y + above, layout.panel_width, layout.tall(section)))
        y += above + layout.tall(section) + layout.below
    return axes


def place(figure: Figure, x: float, y: float, panel_width: float, panel_height: float) -> Axes:
    """Axes of a given size. The upper left corner is x inches from the left and y inches from the top of the sheet."""
    width, height = figure.get_size_inches()
    return figure.add_axes((x / width, 1 - (y + panel_height) / height, panel_width / width, panel_height / height))


def put_heading(figure: Figure, text: str, x: float, y: float, inches: float) -> None:
    """Write a bold line of text `y` inches below the top of the sheet, and draw a thin line under it, `inches` long."""
    width, height = figure.get_size_inches()
    words = style.fit(text, inches * BOLD, HEADING_POINTS)
    top = 1 - (y + 0.1) / height
    figure.text(x / width, top, words, fontsize=HEADING_POINTS, fontweight="bold", va="top", ha="left")
    rule = 1 - (y + 0.3) / height
    figure.add_artist(Line2D([x / width, (x + inches) / width], [rule, rule], color=style.FAINT, linewidth=0.8))


def columns_for(sections: Sequence[Sequence[object]], widest: int) -> int:
    """Number of columns for the panels of `sections`, at most max(4, `widest`).

    Rows of the largest section get nearly equal numbers of panels: 5 panels give 3 + 2, not 4 + 1.
    """
    largest = max(map(len, sections))
    most = max(4, min(widest, math.ceil(math.sqrt(sum(map(len, sections)) * 0.75))))
    return math.ceil(largest / math.ceil(largest / most))


@dataclass(frozen=True)
class Title:
    """Text above a panel: a name in bold (at most three lines) and a note under it (at most `note_lines`)."""

    name: str
    note: str = ""
    colour: str = style.MUTED
    note_lines: int = 2

    def broken(self, inches: float) -> tuple[str, str]:
        """Name and note with line breaks, so that no line is longer than `inches`."""
        note = style.fit(self.note, inches, NOTE_POINTS, self.note_lines)
        return style.fit(self.name, inches * BOLD, TITLE_POINTS, 3), note

    def height(self, inches: float) -> float:
        """Inches that the title needs above a panel."""
        name, note = (text.count("\n") + bool(text) for text in self.broken(inches))
        return 2 * GAP + LINE * (name * TITLE_POINTS + note * NOTE_POINTS) if name or note else 0.0


def put_title(ax: Axes, title: Title, inches: float) -> None:
    """Write a title above a panel. Its last line is directly above the panel."""
    name, note = title.broken(inches)
    # The offset leaves space for descenders, such as in "g", even if the last line has none.
    offset = GAP * 72 + 0.2 * TITLE_POINTS
    for words, colour, size, weight in (
        (note, title.colour, NOTE_POINTS, "normal"),
        (name, style.INK, TITLE_POINTS, "bold"),
    ):
        ax.annotate(
            words,
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(0, offset),
            textcoords="offset points",
            fontsize=size,
            fontweight=weight,
            color=colour,
            ha="left",
            va="baseline",
            linespacing=1.25,
            annotation_clip=False,
        )
        offset += 72 * (LINE * size * (words.count("\n") + bool(words)) + GAP)


def _put_title_over(ax: Axes, title: Title, left: float, inches: float) -> None:
    """Write a title above a panel and its row names. The names start `left` inches to the left of the panel."""
    figure = ax.figure
    width, height = figure.get_size_inches()  # type: ignore[union-attr]
    box = ax.get_position()
    over = figure.add_axes((box.x0 - left / width, box.y1, inches / width, 0.001 / height))  # type: ignore[union-attr]
    over.set_axis_off()
    put_title(over, title, inches)


def put_beside(ax: Axes, row: int, words: str, points: float, look: style.Look) -> None:
    """Write words to the right of a row of a panel, `points` from the panel's edge."""
    at: style.Look = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center_baseline"}
    ax.annotate(words, (1, row), (points, 0), **at, **look)


def explain(ax: Axes, text: str, inches: float) -> None:
    """Write into an empty panel why it is empty, and remove its ticks and frame."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_facecolor("#F4F4F4")
    for spine in ax.spines.values():
        spine.set_visible(False)
    explain_over(ax, text, inches)


def explain_rows(ax: Axes, text: str, inches: float) -> None:
    """Write into an empty panel of named rows why it is empty. The names of the rows stay."""
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.set_facecolor("#F4F4F4")
    explain_over(ax, text, inches)


def explain_over(ax: Axes, text: str, inches: float) -> None:
    """Write words in the middle of a panel and leave its axes unchanged."""
    words = style.fit(text, inches, TITLE_POINTS, lines=4)
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", fontsize=TITLE_POINTS, color=style.MUTED)


def empty_sheet(text: str) -> Figure:
    """A figure with one sentence, for a study with nothing to draw."""
    figure, [[ax]] = sheet([Section("", [Title("")])], GridLayout(1, 5.0, 1.2, left=0.1, right=0.1, below=0.1, top=0.1))
    explain(ax, text, 4.6)
    return figure


def compact(value: float, _position: object = None) -> str:
    """A number in few characters, for ticks and labels: 1500 -> 1.5k, 2e6 -> 2M, 0.25 -> 0.25."""
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-3:
        text = f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    elif size >= 1e3:
        scale, letter = (1e6, "M") if size >= 1e6 else (1e3, "k")
        text = f"{value / scale:.3g}{letter}"
    else:
        text = f"{value:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")
