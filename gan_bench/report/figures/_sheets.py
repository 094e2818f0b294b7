"""Sheets of stored pictures of runs: a panel per cell and shown seed."""

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from gan_bench.report import style
from gan_bench.report.figures import _grid, _most
from gan_bench.report.figures._words import outcome
from gan_bench.report.judged import CALM
from gan_bench.report.tables_input import PlannedCell, Tables


def draw(tables: Tables, column: str, settings: dict[str, Any], nothing: str) -> Figure:
    """Draw the pictures in a column of media.parquet; `nothing` is the text if no run has one."""
    members = [
        [
            (cell, seed)
            for cell in _most.drawn(tables.cells_of(dataset))
            for seed in cell.seeds[: int(settings["seeds"])]
        ]
        for dataset in tables.datasets
    ]
    if not any(members):
        return _grid.empty_sheet("The plan has no runs.")
    contents = {(c.dataset, c.id, s): tables.picture(c, s, column) for runs in members for c, s in runs}
    pixels = {run: decoded(content) for run, content in contents.items() if content is not None}
    shown = [runs for runs in members if any((c.dataset, c.id, s) in pixels for c, s in runs)]
    if not shown:
        return _grid.empty_sheet(nothing)
    panel = settings["panel"]
    flat = max(image.shape[0] / image.shape[1] for image in pixels.values())
    layout = _grid.GridLayout(
        columns=_grid.columns_for(max(map(len, shown)), sum(map(len, shown)), widest=6),
        panel_width=panel,
        panel_height=panel * flat,
        left=0.06,
        right=0.14,
        below=0.12,
        top=0.05,
    )
    titles = [[title(tables, cell, seed) for cell, seed in runs] for runs in shown]
    sections = [
        _grid.Section(_heading(tables, runs[0][0].dataset), [head.height(panel) for head in heads])
        for runs, heads in zip(shown, titles, strict=True)
    ]
    figure, grid = _grid.sheet(sections, layout)
    for runs, heads, axes in zip(shown, titles, grid, strict=True):
        for (cell, seed), head, ax in zip(runs, heads, axes, strict=True):
            _grid.put_title(ax, head, panel)
            image = pixels.get((cell.dataset, cell.id, seed))
            if image is None:
                _grid.explain(ax, "no picture was left", panel - 0.2)
            else:
                put_picture(ax, image)
    return figure


def _heading(tables: Tables, dataset: str) -> str:
    return _most.heading(tables, dataset, len(tables.cells_of(dataset)))


def title(tables: Tables, cell: PlannedCell, seed: int) -> _grid.Title:
    """Title of a panel: the variant, and under it the seed and the outcome of the run."""
    result = outcome(tables, cell, seed)
    calm = result in CALM
    return _grid.Title(cell.variant, f"seed {seed}: {style.in_words(result)}", style.MUTED if calm else style.ALARM)


def decoded(content: bytes) -> np.ndarray:
    """Pixels (h, w, 3) uint8 of a stored picture."""
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


def put_picture(ax: Axes, pixels: np.ndarray) -> None:
    """Pixels in their own proportions, at the top of the panel."""
    ax.imshow(pixels, interpolation="antialiased")
    ax.set_anchor("NW")
    ax.set_axis_off()


def first_of_grid(pixels: np.ndarray, side: int, of: int = 8) -> np.ndarray:
    """The first `side` by `side` images of a grid of `of` by `of` with a line of two pixels around each."""
    height, width = pixels.shape[:2]
    if (height - 2) % of or (width - 2) % of:
        return pixels
    return pixels[: 2 + side * ((height - 2) // of), : 2 + side * ((width - 2) // of)]
