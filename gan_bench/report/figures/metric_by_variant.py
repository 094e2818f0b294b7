"""The first metrics by variant: a point per seed, the mean with its interval, the score of real images, lost runs."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gan_bench.report import style
from gan_bench.report.figures import _axes, _grid, _most
from gan_bench.report.figures._scores import FEW, ScorePanel, read_scores
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "interval: Student 1908, Biometrika 6(1); every seed shown: after Agarwal et al. 2021, arXiv 2108.13264",
    "caption": (
        "Scores by variant, one panel for each data set and each of the first metrics whose scores vary there; n in "
        "each row. Circles: one seed each. Diamond and bar: mean and 95 % Student t interval, on the metric's scale, "
        "over the seeds that finished and were scored (no bar for n=1 or equal scores; an arrowhead at a bar that "
        "leaves the panel). Filled diamond: cannot be excluded as the best by simultaneous 95 % intervals (Games and "
        "Howell); overlapping bars are no test of this. Dashed line: real images scored in the same way (ideal). At "
        "the right: numbers of seeds that are in no mean. Variants are sorted by their mean in the first metric of "
        "the comparison that can rank variants, even if it has no panel. Titles give the protocol of the scores."
    ),
    "category": "Scores",
    "order": 1,
    "needs": ["comparison", "metrics", "runs"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel_width": {"type": "float", "default": 1.9, "min": 1, "max": 8, "unit": "inches", "help": "of a panel"},
        "metrics": {
            "type": "int",
            "default": 2,
            "min": 0,
            "max": 100,
            "help": "number of metrics, from the first; 0: all",
        },
        "columns": {"type": "int", "default": 3, "min": 1, "max": 8, "help": "largest number of panels in a line"},
        "scale": {
            "type": "str",
            "default": "auto",
            "choices": ["auto", "linear", "log"],
            "help": "axis of values; auto: log if all are positive and span more than a factor of 50",
        },
    },
    "deviations": [],
}

POINTS = 7.0
SMALL = 6.0
MARGIN = 0.1
TOP = 0.42
HEADING = 0.4
#: Height in inches for the ticks below a panel.
BELOW = 0.34
SEED: dict[str, Any] = {"marker": "o", "s": 14, "facecolors": "none", "edgecolors": "#0072B2", "linewidths": 0.8}
MEAN: dict[str, Any] = {"marker": "D", "markersize": 3.4, "color": style.INK, "linestyle": "none"}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A section per data set, a panel per metric. The variants' names are at the left of each line of panels."""
    first = settings["metrics"] or None
    sections = [shown for dataset in tables.datasets if (shown := _varying(read_scores(tables, dataset))[:first])]
    if not sections:
        return _grid.empty_sheet("The plan asks for no metric, or has no runs.")
    names = {variant for panels in sections for variant in panels[0].variants}
    label = min(2.7, max(style.text_width(style.printable(name), POINTS) for name in names) + 0.25)
    columns = min(settings["columns"], max(map(len, sections)))
    layout = ScoreLayout(label, settings["panel_width"], columns, [scores for panels in sections for scores in panels])
    figure = style.new_figure(layout.width, TOP + sum(layout.section(panels) for panels in sections))
    _legend(figure)
    y = TOP
    for panels in sections:
        heading = _most.heading(tables, panels[0].dataset, panels[0].n_variants, "best")
        _grid.put_heading(figure, heading, MARGIN, y, layout.width - 2 * MARGIN)
        top = y + HEADING
        for line in layout.lines(panels):
            top += layout.above(line)
            for i, scores in enumerate(line):
                x = MARGIN + label + i * (layout.panel + layout.gutter)
                _put_panel(figure, scores, layout, (x, top), settings["scale"], named=i == 0)
            top += rows_height(line[0]) + BELOW
        y += layout.section(panels)
    return figure


def _varying(panels: list[ScorePanel]) -> list[ScorePanel]:
    """The panels in which scores vary; all panels if no scores vary.

    A panel of equal scores would tell the reader nothing.
    """
    varying = [panel for panel in panels if len({value for seeds in panel.seeds for value in seeds}) > 1]
    return varying or panels


class ScoreLayout:
    """Sizes in inches.

    `label`: width of the variants' names. `gutter`: width of the strip at the right of each panel. The strip shows n
    and the numbers of seeds that are in no mean. `lost`: distance of these numbers from the strip's left edge.
    """

    def __init__(self, label: float, panel: float, columns: int, panels: list[ScorePanel]) -> None:
        notes = [beside(scores, row) for scores in panels for row in range(len(scores.variants))]
        n, lost = (max(style.text_width(words, SMALL) for words in column) for column in zip(*notes, strict=True))
        self.lost = 0.08 + n + 0.06
        self.gutter = max(self.lost + lost + 0.14, 0.4)
        columns = style.fitting(columns, panel + self.gutter, 2 * MARGIN + label)
        self.label, self.panel, self.columns = label, panel, columns
        self.width = max(2 * MARGIN + label + columns * (panel + self.gutter), style.fitting(2, 2.8) * 2.8)

    def lines(self, section: list[ScorePanel]) -> list[list[ScorePanel]]:
        return [section[i : i + self.columns] for i in range(0, len(section), self.columns)]

    def above(self, line: list[ScorePanel]) -> float:
        return max(title_of(scores).height(self.panel + self.gutter - 0.1) for scores in line) + 0.03

    def section(self, section: list[ScorePanel]) -> float:
        """Height of a section with its heading."""
        lines = self.lines(section)
        return HEADING + sum(self.above(line) + rows_height(line[0]) + BELOW for line in lines) + 0.05


def rows_height(scores: ScorePanel) -> float:
    """Height of a panel in inches, at least 0.5.

    It has a row per variant. If there are more than FEW rows, they are closer together.
    """
    pitch = 0.21 if len(scores.variants) <= FEW else 0.165
    return max(pitch * len(scores.variants), 0.5)


def title_of(scores: ScorePanel) -> _grid.Title:
    return _grid.Title(scores.label, scores.protocol)


def _put_panel(
    figure: Figure, scores: ScorePanel, layout: ScoreLayout, at: tuple[float, float], scale: str, *, named: bool
) -> None:
    ax = _grid.place(figure, at[0], at[1], layout.panel, rows_height(scores))
    _grid.put_title(ax, title_of(scores), layout.panel + layout.gutter - 0.1)
    count = len(scores.variants)
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks(range(count), [style.fit(v, layout.label - 0.2, POINTS) for v in scores.variants] if named else [])
    ax.tick_params(axis="y", length=0, pad=4, labelsize=POINTS, labelcolor=style.INK, labelleft=named)
    for row in range(count):
        n, lost = beside(scores, row)
        _grid.put_beside(ax, row, n, 0.08 * 72, {"fontsize": SMALL, "color": style.MUTED})
        _grid.put_beside(ax, row, lost, layout.lost * 72, {"fontsize": SMALL, "color": style.ALARM})
    values = _axes.points(scores)
    if not values:
        _grid.explain_rows(ax, "no seed has a score", layout.panel - 0.2)
        return
    log = _axes.use_log(values, scale)
    low, high = _axes.score_limits(values, scores, log=log)
    ax.set_xscale("log" if log else "linear")
    ax.set_xlim(low, high)
    for value in scores.floor:
        ax.axvline(value, zorder=1, **style.FLOOR)
    for row in range(count):
        _put_row(ax, scores, row, (low, high))
    _axes.values(ax, log=log, most=4, fine=1.6)
    ax.spines["left"].set_visible(False)


def _put_row(ax: Axes, scores: ScorePanel, row: int, ends: tuple[float, float]) -> None:
    """Draw a variant's seeds in the upper half of its row, mean and interval in the lower half."""
    seeds = scores.seeds[row]
    ax.scatter(seeds, [row - 0.22] * len(seeds), zorder=3, clip_on=False, **SEED)
    mean, interval = scores.means[row], scores.intervals[row]
    if mean is None:
        return
    if interval is not None:
        low, high = (min(max(end, ends[0]), ends[1]) for end in interval)
        ax.plot([low, high], [row + 0.16] * 2, color=style.INK, linewidth=1.1, solid_capstyle="butt", zorder=2)
        for end, edge, marker in ((interval[0], ends[0], "<"), (interval[1], ends[1], ">")):
            if (end < edge) if marker == "<" else (end > edge):
                ax.plot([edge], [row + 0.16], marker=marker, color=style.INK, markersize=3.4, clip_on=False, zorder=4)
    fill = style.INK if scores.top[row] else "white"
    ax.plot([mean], [row + 0.16], zorder=4, clip_on=False, **MEAN, markerfacecolor=fill)


def beside(scores: ScorePanel, row: int) -> tuple[str, str]:
    """Texts beside a row: n, and the seeds that are in no mean, as "×k" for k diverged seeds and "–k" for k others."""
    lost = [f"\N{MULTIPLICATION SIGN}{scores.diverged[row]}"] * bool(scores.diverged[row])
    other = [f"\N{EN DASH}{scores.unscored[row]}"] * bool(scores.unscored[row])
    return f"n={len(scores.seeds[row])}", " ".join(lost + other)


def _legend(figure: Figure) -> None:
    def mark(label: str, **look: Any) -> Line2D:
        return Line2D([], [], label=label, **look)

    blank: dict[str, Any] = {"linestyle": "none", "color": style.ALARM, "markersize": 5}
    handles = [
        mark("one seed", marker="o", markerfacecolor="none", markeredgecolor="#0072B2", linestyle="none", markersize=4),
        mark("mean and 95 % interval", **{**MEAN, "linestyle": "-"}, linewidth=1.1, markerfacecolor="white"),
        mark("cannot be excluded as best", **MEAN),
        mark("real images (ideal)", **style.FLOOR),
        mark("seeds diverged", marker="x", **blank),
        mark("seeds without score", marker="_", **blank),
    ]
    width, height = figure.get_size_inches()
    columns = 6 if width > 9.4 else 3 if width > 5.5 else 1
    corner = (MARGIN / width, 1 - 0.05 / height)
    room: dict[str, Any] = {"borderaxespad": 0, "columnspacing": 1.4, "handletextpad": 0.5}
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=corner, ncols=columns, **room)
