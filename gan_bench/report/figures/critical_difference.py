"""Mean ranks of the variants over data sets. Bars join variants that are not separated.

If Friedman's test does not reject, one bar joins all variants. If it rejects, each bar joins variants that the Nemenyi
test does not separate.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _most
from gan_bench.report.figures._words import metric_label
from gan_bench.report.tables_input import Tables
from gan_bench.stats.tables.friedman_table import LEAST_DATASETS
from gan_bench.stats.write.names import ALL_DATASETS
from gan_bench.words import plural

FACTS = {
    "paper": "Demsar 2006, JMLR 7:1, section 3.2.2 and figure 1; Nemenyi 1963, Distribution-free multiple comparisons",
    "caption": (
        "Mean rank of each variant over data sets (n data sets in each title). In each data set, variants are ranked "
        "by their means over seeds; rank 1, at the left, is best. A variant that lost a run is ranked last, or, if the "
        "setting failures is 'left out', by the mean of its scored runs. If Friedman's test does not reject at 5 %, "
        "one bar joins all variants; if it rejects, bars join variants that the Nemenyi test does not separate at "
        "5 %. CD is the critical difference of the Nemenyi test."
    ),
    "category": "Comparison",
    "order": 6,
    "needs": ["metrics"],
    "wants": ["friedman", "ranks"],
    "when": ["three variants", "five data sets"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "axis": {
            "type": "float",
            "default": 3.2,
            "min": 1.5,
            "max": 12,
            "unit": "inches",
            "help": "length of the axis",
        },
        "metrics": {"type": "str", "default": "first", "choices": ["first", "all"], "help": "metrics with a diagram"},
        "failures": {
            "type": "str",
            "default": "last",
            "choices": ["last", "left out"],
            "help": "a variant that lost a run is ranked last, or by the mean of its scored runs",
        },
    },
    "deviations": [],
}

POINTS = 7.0
NAMES = 2.5
ROW = 0.165
#: ABOVE: inches from the top of a panel to the axis. The critical difference is drawn in this space. BELOW_AXIS: inches
#: from the axis to the first bar.
ABOVE, BELOW_AXIS = 0.52, 0.1
BAR = 0.085


@dataclass(frozen=True)
class RankDiagram:
    """One diagram: the drawn variants by mean rank, best first.

    `distance`: critical difference. `groups`: best and worst mean rank of the variants that a bar joins. `n_ranked`:
    number of ranked variants, drawn or not.
    """

    title: _grid.Title
    names: list[str]
    ranks: list[float]
    distance: float | None
    groups: list[tuple[float, float]]
    n_ranked: int

    @property
    def last(self) -> int:
        """Largest rank on the axis: the number of ranked variants.

        If not all variants are drawn, it is the mean rank of the last drawn variant, rounded up.
        """
        return self.n_ranked if self.n_ranked == len(self.names) else math.ceil(self.ranks[-1])

    @property
    def bars_height(self) -> float:
        return BELOW_AXIS + BAR * len(self.groups)

    @property
    def height(self) -> float:
        return ABOVE + self.bars_height + ROW * math.ceil(len(self.names) / 2) + 0.1


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A diagram of the first metric; with "metrics": "all", a diagram per metric. Needs LEAST_DATASETS data sets."""
    ranks, tests = tables.wanted("ranks"), tables.wanted("friedman")
    metrics = set(tables.metrics["metric"])
    if len(ranks):
        ranks = ranks[(ranks["failures"] == settings["failures"]) & ranks["metric"].isin(metrics)]
        ranks = ranks[(ranks["dataset"] == ALL_DATASETS) & ranks["mean_rank"].notna()]
        ranks = ranks[ranks["n_blocks"] >= LEAST_DATASETS]
    if len(ranks) and settings["metrics"] == "first":
        ranks = ranks[ranks["metric"] == ranks["metric"].iloc[0]]
    if not len(ranks):
        return _grid.empty_sheet(
            f"Fewer than {LEAST_DATASETS} data sets have scores of the same variants, too few to rank over data sets. "
            "A ranking over data sets cannot use seeds as blocks, because seeds of one data set are not independent. "
            "pairwise.csv compares variants within a data set."
        )
    diagrams = [
        _ranking(
            part, tests, str(metric), settings["failures"], metric_label(tables, str(metric), part["label"].iloc[0])
        )
        for metric, part in ranks.groupby("metric", sort=False)
    ]
    names = [name for diagram in diagrams for name in diagram.names]
    side = min(NAMES, max(style.text_width(style.printable(name), POINTS) for name in names) + 0.72)
    width = 2 * side + settings["axis"] + 0.5
    return _sheet(tables, diagrams, width, side)


def _ranking(rows: pd.DataFrame, tests: pd.DataFrame, metric: str, failures: str, label: str) -> RankDiagram:
    rows = rows.sort_values(["mean_rank", "position"], kind="stable")
    n_ranked, rows = len(rows), rows.head(_most.MOST)
    ranks = [float(rank) for rank in rows["mean_rank"]]
    names = [str(name) for name in rows["variant"]]
    note = f"n={plural(int(rows['n_blocks'].iloc[0]), 'data set')}"
    distance, groups = None, []
    if len(tests):
        test = tests[(tests["dataset"] == ALL_DATASETS) & (tests["metric"] == metric) & (tests["failures"] == failures)]
        for _, row in test.iterrows():
            distance = None if pd.isna(row["cd"]) else float(row["cd"])
            groups = _ends(row["cliques"], names, ranks)
            note += "" if pd.isna(row["decision"]) else f"; {row['decision']}"
    return RankDiagram(_grid.Title(label, note), names, ranks, distance, groups, n_ranked)


def _ends(cliques: Any, names: Sequence[str], ranks: Sequence[float]) -> list[tuple[float, float]]:
    """(best, worst) mean rank of each group of variants that are not separated."""
    rank = dict(zip(names, ranks, strict=True))
    groups = [] if pd.isna(cliques) else json.loads(cliques)
    ends = [[rank[name] for name in group if name in rank] for group in groups]
    return sorted((min(group_ranks), max(group_ranks)) for group_ranks in ends if len(group_ranks) > 1)


def _sheet(tables: Tables, diagrams: list[RankDiagram], width: float, side: float) -> Figure:
    inner = width - 0.2
    heights = [diagram.title.height(inner) + diagram.height for diagram in diagrams]
    figure = style.new_figure(width, 0.5 + sum(heights))
    heading = _most.heading(tables, ALL_DATASETS, max(diagram.n_ranked for diagram in diagrams), "best")
    _grid.put_heading(figure, heading, 0.1, 0.05, inner)
    y = 0.45
    for diagram in diagrams:
        y += diagram.title.height(inner)
        ax = _grid.place(figure, 0.1, y, inner, diagram.height)
        ax.set(xlim=(0, inner), ylim=(diagram.height, 0))
        ax.set_axis_off()
        _grid.put_title(ax, diagram.title, inner)
        _diagram(ax, diagram, side, inner - side)
        y += diagram.height
    return figure


def _diagram(ax: Axes, diagram: RankDiagram, left: float, right: float) -> None:
    """Draw the axis from rank 1 at `left` to the last rank at `right`, both in inches, with bars and names."""
    k = len(diagram.names)

    def place(rank: float) -> float:
        return left + (rank - 1) / max(1, diagram.last - 1) * (right - left)

    _axis(ax, diagram.last, place)
    if diagram.distance is not None:
        _critical(ax, diagram.distance, diagram.last, place)
    for i, (best, worst) in enumerate(diagram.groups):
        y = ABOVE + BELOW_AXIS + BAR * (i + 0.5)
        ends = [place(best) - 0.03, place(worst) + 0.03]
        ax.plot(ends, [y, y], color=style.INK, linewidth=2.4, solid_capstyle="butt", zorder=4)
    half = math.ceil(k / 2)
    rows = ABOVE + diagram.bars_height
    for i, (name, rank) in enumerate(zip(diagram.names, diagram.ranks, strict=True)):
        best = i < half
        y = rows + ROW * ((i if best else k - 1 - i) + 0.5)
        edge = left - 0.15 if best else right + 0.15
        x = place(rank)
        ax.plot([x, x, edge], [ABOVE, y, y], color="#8C8C8C", linewidth=0.6, zorder=2)
        ax.plot([x], [ABOVE], marker="o", markersize=2.6, color="#0072B2", zorder=5)
        words = style.fit(name, left - 0.62, POINTS)
        text = f"{words}  {rank:.2f}" if best else f"{rank:.2f}  {words}"
        ax.text(
            edge - 0.04 if best else edge + 0.04, y, text, ha="right" if best else "left", va="center", fontsize=POINTS
        )


def _axis(ax: Axes, k: int, place: Any) -> None:
    ax.plot([place(1), place(k)], [ABOVE, ABOVE], color=style.INK, linewidth=0.8)
    step = max(1, math.ceil((k - 1) / 12))
    for rank in range(1, k + 1, step):
        ax.plot([place(rank)] * 2, [ABOVE - 0.05, ABOVE], color=style.INK, linewidth=0.6)
        ax.text(place(rank), ABOVE - 0.08, str(rank), ha="center", va="bottom", fontsize=6.5, color=style.MUTED)


def _critical(ax: Axes, distance: float, k: int, place: Any) -> None:
    """Draw the critical difference as a line above the axis. A line longer than the axis is cut."""
    y, end = 0.12, min(1 + distance, float(k))
    ax.plot([place(1), place(end)], [y, y], color=style.ALARM, linewidth=1.2)
    for rank in (1, end) if distance <= k - 1 else (1,):
        ax.plot([place(rank)] * 2, [y - 0.04, y + 0.04], color=style.ALARM, linewidth=1.2)
    if distance > k - 1:
        ax.plot([place(end)], [y], marker=">", markersize=4, color=style.ALARM, clip_on=False)
    words = f"CD = {distance:.2f}" + ("" if distance <= k - 1 else ", longer than the axis")
    ax.text(place(1), y + 0.05, words, ha="left", va="top", fontsize=6.5, color=style.ALARM)
