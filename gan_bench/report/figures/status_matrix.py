"""Outcomes of all planned runs: one tile per run, one row per variant, one column per seed, one block per data set."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gan_bench.report import style
from gan_bench.report.figures import _grid, _most
from gan_bench.report.judged import CALM, NOT_JUDGED
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: comparison of the plan with the stored runs",
    "caption": (
        "Every planned run: one block per data set, one row per variant, one column per seed. Shade and sign "
        "give the status; the sign in the tile of a finished run is the verdict of the collapse detector. n at the "
        "right: finished / planned runs. A dot: no sign of failure was found, which does not mean that the run worked."
    ),
    "category": "Coverage",
    "needs": ["run_cards"],
    "settings": {
        "dpi": {"type": "int", "default": 120, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "width": {
            "type": "float",
            "default": 9.0,
            "min": 4,
            "max": 30,
            "unit": "inches",
            "help": "width of the sheet; a single block may need more",
        },
        "tile": {"type": "float", "default": 0.23, "min": 0.16, "max": 1, "unit": "inches", "help": "side of a tile"},
    },
    "deviations": [],
}

MARGIN = 0.1
LABEL = 2.7
COUNT = 0.5
KEY = 0.24
POINTS = 7.0


Row = tuple[str, int]
"""(variant, number of earlier cells of the data set with the same variant name)"""


@dataclass(frozen=True)
class Tile:
    """The tile of one run. `words`: text of the tile in the legend."""

    fill: str
    ink: str
    sign: str
    words: str


@dataclass(frozen=True)
class TileBlock:
    """The tiles of one data set. `width` in inches includes the column of counts."""

    title: str
    cells: Mapping[Row, PlannedCell]
    seeds: tuple[int, ...]
    width: float


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """Blocks of tiles from left to right, in as many lines as they need. Variants are in the plan's order."""
    tile = settings["tile"]
    blocks = [_block(tables, dataset, tile) for dataset in tables.datasets]
    rows = list(dict.fromkeys(row for block in blocks for row in block.cells))
    label = min(LABEL, max(style.text_width(style.printable(variant), POINTS) for variant, _ in rows) + 0.15)
    lines = _lines(blocks, settings["width"] - label - 2 * MARGIN)
    width = max(4.0, label + max(sum(block.width for block in line) for line in lines) + 2 * MARGIN)
    keys = _key_rows(_keys(tables), width - 2 * MARGIN)
    head = 0.36 + max(_tick_height(block, tile) for block in blocks)
    height = head + tile * len(rows) + 0.12
    figure = style.new_figure(width, MARGIN + len(lines) * height + KEY * len(keys) + MARGIN)
    for i, line in enumerate(lines):
        _put_line(figure, tables, line, rows, (label, MARGIN + i * height + head, tile))
    _put_keys(figure, keys, MARGIN + len(lines) * height)
    return figure


def _block(tables: Tables, dataset: str, tile: float) -> TileBlock:
    cells: dict[Row, PlannedCell] = {}
    before: Counter[str] = Counter()
    planned = tables.cells_of(dataset)
    for cell in _most.drawn(planned):
        cells[cell.variant, before[cell.variant]] = cell
        before[cell.variant] += 1
    seeds = tuple(sorted({seed for cell in cells.values() for seed in cell.seeds}))
    title, widest = _most.with_count(dataset, len(planned)), 1.8 if len(planned) == len(cells) else 3.6
    name = min(widest, style.text_width(style.printable(title), _grid.TITLE_POINTS) / _grid.BOLD + 0.12)
    return TileBlock(title, cells, seeds, max(tile * len(seeds) + COUNT, name) + 0.3)


def _tick_height(block: TileBlock, tile: float) -> float:
    """Height in inches of the seed numbers above a block.

    It is the height of a line of text, or the width of the longest number if the numbers are rotated.
    """
    widest = max(style.text_width(str(seed), 6.5) for seed in block.seeds)
    return widest if widest > tile * 0.85 else 6.5 * _grid.LINE


def _lines(blocks: list[TileBlock], room: float) -> list[list[TileBlock]]:
    """Blocks split into lines of at most `room` inches. A line has at least one block."""
    lines: list[list[TileBlock]] = [[]]
    for block in blocks:
        if lines[-1] and sum(other.width for other in lines[-1]) + block.width > room:
            lines.append([])
        lines[-1].append(block)
    return lines


def _put_line(
    figure: Figure, tables: Tables, line: list[TileBlock], rows: list[Row], place: tuple[float, float, float]
) -> None:
    """Draw the variants' names, then the blocks of one line. `place`: (width of names, y, side of a tile) in inches."""
    label, y, tile = place
    names = _grid.place(figure, MARGIN, y, label, tile * len(rows))
    names.set(xlim=(0, label), ylim=(len(rows), 0))
    names.set_axis_off()
    for i, (variant, _) in enumerate(rows):
        text = style.fit(variant, label - 0.1, POINTS)
        names.text(label - 0.08, i + 0.5, text, ha="right", va="center_baseline", fontsize=POINTS)
    x = MARGIN + label
    for block in line:
        ax = _grid.place(figure, x, y, tile * len(block.seeds), tile * len(rows))
        _put_block(ax, tables, block, rows, tile)
        if block is line[0]:
            at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom"}
            ax.annotate("seed", (0, 1), (-6, 3), ha="right", fontsize=6.5, color=style.MUTED, **at)
        x += block.width


def _put_block(ax: Axes, tables: Tables, block: TileBlock, rows: list[Row], tile: float) -> None:
    ax.set(xlim=(0, len(block.seeds)), ylim=(len(rows), 0))
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    upright = _tick_height(block, tile) > 6.5 * _grid.LINE
    ax.set_xticks([i + 0.5 for i in range(len(block.seeds))], map(str, block.seeds), rotation=90 if upright else 0)
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i, row in enumerate(rows):
        cell = block.cells.get(row)
        if cell is not None:
            cards = {seed: tables.card(cell, seed) for seed in cell.seeds}
            for seed, card in cards.items():
                _paint(ax, _tile(card), (block.seeds.index(seed), i))
            done = sum(card["status"] == "ok" for card in cards.values())
            ax.text(len(block.seeds) + 0.25, i + 0.5, f"{done}/{len(cell.seeds)}", va="center_baseline", fontsize=6.5)
    _put_head(ax, block, tile)


def _put_head(ax: Axes, block: TileBlock, tile: float) -> None:
    name = style.fit(block.title, (block.width - 0.3) * _grid.BOLD, _grid.TITLE_POINTS)
    kwargs: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
    above = 72 * _tick_height(block, tile) + 6
    ax.annotate(name, (0, 1), (0, above), fontsize=_grid.TITLE_POINTS, fontweight="bold", va="bottom", **kwargs)
    right = 1 + 0.25 / len(block.seeds)
    ax.annotate("n ok", (right, 1), (0, 3), fontsize=6.5, color=style.MUTED, va="bottom", **kwargs)


def _paint(ax: Axes, tile: Tile, at: tuple[float, float]) -> None:
    edge = style.FAINT if tile.fill == "#FFFFFF" else "white"
    x, y = at
    ax.add_patch(Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, facecolor=tile.fill, edgecolor=edge, linewidth=0.6))
    ax.text(
        x + 0.5, y + 0.5, tile.sign, color=tile.ink, ha="center", va="center_baseline", fontsize=7, fontweight="bold"
    )


def _tile(card: Mapping[str, Any]) -> Tile:
    status = str(card["status"])
    mark = style.STATUS.get(status, style.STATUS["missing"])
    if status != "ok":
        return Tile(mark.fill, mark.ink, mark.sign, mark.label)
    verdict = (card["collapse"] or {}).get("verdict") or NOT_JUDGED
    sign, words = style.VERDICT.get(verdict, (str(verdict)[:1].upper(), str(verdict).replace("_", " ")))
    fill = mark.fill if verdict in CALM else style.SUSPECT
    return Tile(fill, style.INK, sign, f"ok, {words}")


def _keys(tables: Tables) -> list[Tile]:
    """Tiles of the legend: one per kind of tile, finished runs first.

    If not every run is drawn, each text ends with the number of all runs of its kind.
    """
    counts = Counter(_tile(tables.card(cell, seed)) for cell in tables.cells for seed in cell.seeds)
    tiles = list(counts)
    if _most.applies(tables):
        tiles = [replace(tile, words=f"{tile.words}: {count} of all runs") for tile, count in counts.items()]
    return sorted(tiles, key=lambda tile: (not tile.words.startswith("ok"), tile.words))


def _key_rows(keys: list[Tile], room: float) -> list[list[tuple[Tile, float]]]:
    """Entries of the legend with their x in inches, split into rows of at most `room` inches."""
    rows: list[list[tuple[Tile, float]]] = [[]]
    x = 0.0
    for key in keys:
        width = 0.3 + style.text_width(key.words, POINTS) + 0.15
        if rows[-1] and x + width > room:
            rows.append([])
            x = 0.0
        rows[-1].append((key, x))
        x += width
    return rows


def _put_keys(figure: Figure, rows: list[list[tuple[Tile, float]]], y: float) -> None:
    width = float(figure.get_size_inches()[0]) - 2 * MARGIN
    unit = KEY * 0.8
    ax = _grid.place(figure, MARGIN, y, width, KEY * len(rows))
    ax.set(xlim=(0, width / unit), ylim=(len(rows) / 0.8, 0))
    ax.set_axis_off()
    for i, row in enumerate(rows):
        for tile, x in row:
            _paint(ax, tile, (x / unit, i / 0.8))
            ax.text(x / unit + 1.3, i / 0.8 + 0.5, tile.words, va="center_baseline", fontsize=POINTS)
