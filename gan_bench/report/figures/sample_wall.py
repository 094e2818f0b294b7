"""A wall of samples: real images on top, then one row per variant, best first, and one column per seed."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report import style
from gan_bench.report.figures import _grid, _most, _sheets, _words
from gan_bench.report.figures._scores import best_first
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: the first images of each run's own samples.png, not selected",
    "caption": (
        "The first images of each run at the end of training, not selected; one block per data set. Top row: the "
        "first real images. Below, one row per variant, with the best mean of the first metric on top, and one column "
        "per seed (n: the number of columns). Each seed has its own latents. Grey tiles give the outcome of runs "
        "without samples."
    ),
    "category": "Samples",
    "order": 2,
    "needs": ["comparison", "media", "run_cards"],
    "settings": {
        "dpi": {"type": "int", "default": 144, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "tile": {"type": "float", "default": 1.3, "min": 0.6, "max": 4, "unit": "inches", "help": "side of a tile"},
        "images": {"type": "int", "default": 4, "min": 1, "max": 8, "help": "images along each side of a tile"},
        "rows": {
            "type": "int",
            "default": 12,
            "min": 1,
            "max": 10000,
            "help": "number of variants per data set, from the best",
        },
        "seeds": {"type": "int", "default": 8, "min": 1, "max": 100, "help": "number of seeds, from the first"},
    },
    "deviations": [],
}

MARGIN, GAP, NAMES, POINTS = 0.1, 0.05, 2.0, 7.0


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A block per data set, with a row per variant and a column per seed."""
    tile, most = settings["tile"], int(settings["seeds"])
    blocks = {
        dataset: sorted({seed for cell in tables.cells_of(dataset) for seed in cell.seeds})[:most]
        for dataset in tables.datasets
    }
    names = min(NAMES, max(style.text_width(style.printable(cell.variant), POINTS) for cell in tables.cells) + 0.1)
    names = max(names, 0.9)
    most = style.fitting(most, tile + GAP, 2 * MARGIN + names)
    blocks = {dataset: seeds[:most] for dataset, seeds in blocks.items()}
    width = max(2 * MARGIN + names + max(map(len, blocks.values())) * (tile + GAP), 3.0)
    cells = {dataset: _best(tables, dataset)[: int(settings["rows"])] for dataset in blocks}
    real = {dataset: tables.real_images.get(dataset) for dataset in blocks}
    heights = {
        dataset: 0.62 + (len(cells[dataset]) + (real[dataset] is not None)) * (tile + GAP) + 0.05 for dataset in blocks
    }
    figure = style.new_figure(width, MARGIN + sum(heights.values()))
    y = MARGIN
    for dataset, seeds in blocks.items():
        name, n_variants = _words.dataset_heading(tables, dataset), len(tables.cells_of(dataset))
        heading = _most.with_count(name, n_variants, how="best", most=len(cells[dataset]))
        _grid.put_heading(figure, heading, MARGIN, y, width - 2 * MARGIN)
        top = y + 0.62
        content = real[dataset]
        if content is not None:
            _name(figure, "real images", top + tile / 2, names)
            ax = _grid.place(figure, MARGIN + names, top - 0.2, tile, tile)
            _sheets.put_picture(ax, _sheets.first_of_grid(_sheets.decoded(content), int(settings["images"]), of=4))
            top += tile + GAP
        for row, (cell, words) in enumerate(cells[dataset]):
            _name(figure, words, top + row * (tile + GAP) + tile / 2, names)
            for column, seed in enumerate(seeds):
                ax = _grid.place(figure, MARGIN + names + column * (tile + GAP), top + row * (tile + GAP), tile, tile)
                if row == 0:
                    _number(ax, f"seed {seed}", tile)
                _tile(ax, tables, cell, seed, settings)
        y += heights[dataset]
    return figure


def _best(tables: Tables, dataset: str) -> list[tuple[PlannedCell, str]]:
    """(cell, name of the variant with its score), sorted by the first metric that can rank variants, best first."""
    table = tables.comparison[(tables.comparison["dataset"] == dataset) & (tables.comparison["direction"] != "none")]
    cells = {cell.id: cell for cell in tables.cells_of(dataset)}
    if table.empty:
        return [(cell, cell.variant) for cell in cells.values()]
    first = table[(table["kind"] == "variant") & (table["metric"] == table["metric"].iloc[0])].set_index("cell")
    label = str(table["label"].iloc[0])

    def words(cell: str) -> str:
        centre = first["centre"].get(cell)
        return cells[cell].variant if pd.isna(centre) else f"{cells[cell].variant}: {label} {_grid.compact(centre)}"

    return [(cells[cell], words(cell)) for cell in best_first(table) if cell in cells]


def _name(figure: Figure, variant: str, y: float, names: float) -> None:
    width, height = figure.get_size_inches()
    words = style.fit(variant, names - 0.1, POINTS, 4)
    figure.text((MARGIN + names - 0.06) / width, 1 - y / height, words, ha="right", va="center", fontsize=POINTS)


def _number(ax: Axes, words: str, tile: float) -> None:
    at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom", "ha": "center"}
    ax.annotate(style.fit(words, tile, 6.5), (0.5, 1), (0, 3), fontsize=6.5, color=style.MUTED, **at)


def _tile(ax: Axes, tables: Tables, cell: PlannedCell, seed: int, settings: dict[str, Any]) -> None:
    tile = settings["tile"]
    if seed not in cell.seeds:
        _grid.explain(ax, "not planned", tile - 0.08)
        return
    content = tables.picture(cell, seed, "samples_png")
    if content is None:
        _grid.explain(ax, style.in_words(_words.outcome(tables, cell, seed)), tile - 0.08)
        return
    _sheets.put_picture(ax, _sheets.first_of_grid(_sheets.decoded(content), int(settings["images"])))
