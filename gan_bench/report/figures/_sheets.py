"""Sheets of stored pictures of runs: one panel per shown run."""

import io
import json
from collections.abc import Callable, Sequence
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

Run = tuple[PlannedCell, int]
"""(cell, seed)"""


def draw(tables: Tables, column: str, settings: dict[str, Any], nothing: str) -> Figure:
    """Draw the pictures in a column of media.parquet. `nothing`: text of the figure if no run has a picture."""
    planned = shown_runs(tables, settings)
    contents = {(c.dataset, c.id, s): tables.picture(c, s, column) for runs in planned for c, s in runs}
    pixels = {run: decoded(content) for run, content in contents.items() if content is not None}
    shown = [runs for runs in planned if any((c.dataset, c.id, s) in pixels for c, s in runs)]
    if not shown:
        return _grid.empty_sheet(nothing)
    panel = settings["panel"]
    flat = max(image.shape[0] / image.shape[1] for image in pixels.values())

    def put(ax: Axes, cell: PlannedCell, seed: int) -> None:
        image = pixels.get((cell.dataset, cell.id, seed))
        if image is None:
            _grid.explain(ax, "no picture", panel - 0.2)
        else:
            put_picture(ax, image)
            _put_distances(ax, contents[cell.dataset, cell.id, seed] or b"")

    right = 0.4 if any(_distances(content) for content in contents.values() if content) else 0.14
    return sheet(tables, shown, put, (panel, panel * flat), right=right, widest=6)


def _distances(content: bytes) -> list[list[float]]:
    """Distances to the nearest training images, one list per row of the picture; [] if its metadata have none."""
    with Image.open(io.BytesIO(content)) as picture:
        text = getattr(picture, "text", {}).get("distances")
    return [] if text is None else json.loads(text)


def _put_distances(ax: Axes, content: bytes) -> None:
    """Write at the right of each row the distance from the sample to its nearest training image."""
    rows = _distances(content)
    for i, row in enumerate(rows):
        at: dict[str, Any] = {"transform": ax.transAxes, "va": "center", "ha": "left", "fontsize": 6}
        ax.text(1.02, 1 - (i + 0.5) / len(rows), _grid.compact(row[0]), color=style.MUTED, **at)


def sheet(
    tables: Tables, shown: list[list[Run]], put: Callable[..., None], size: tuple[float, float], **columns: Any
) -> Figure:
    """The figure: one section per data set, one panel per shown run, drawn by `put(ax, cell, seed)`.

    `size`: width and height of a panel in inches. `columns` has the keys "widest", the largest number of columns, and
    "right", the space at the right of each panel.
    """
    count = _grid.columns_for(shown, columns.pop("widest"))
    layout = _grid.GridLayout(count, *size, left=0.06, below=0.12, top=0.05, **columns)
    figure, grid = _grid.sheet([section(tables, runs) for runs in shown], layout)
    for runs, axes in zip(shown, grid, strict=True):
        for (cell, seed), ax in zip(runs, axes, strict=True):
            put(ax, cell, seed)
    return figure


def shown_runs(tables: Tables, settings: dict[str, Any]) -> list[list[Run]]:
    """(cell, seed) of the shown runs, one list per data set."""
    most = int(settings["seeds"])
    drawn = [_most.drawn(tables.cells_of(dataset)) for dataset in tables.datasets]
    return [[(cell, seed) for cell in cells for seed in cell.seeds[:most]] for cells in drawn]


def section(tables: Tables, runs: Sequence[Run]) -> _grid.Section:
    """The section of a data set, with one panel per run."""
    heading = _most.heading_of_cells(tables, runs[0][0].dataset)
    return _grid.Section(heading, [title(tables, cell, seed) for cell, seed in runs])


def title(tables: Tables, cell: PlannedCell, seed: int) -> _grid.Title:
    """Title of a panel: the variant, and below the variant the seed and the outcome of the run."""
    result = outcome(tables, cell, seed)
    calm = result in CALM
    return _grid.Title(cell.variant, f"seed {seed}: {style.in_words(result)}", style.MUTED if calm else style.ALARM)


def decoded(content: bytes) -> np.ndarray:
    """Pixels (h, w, 3) uint8 of a stored picture."""
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


def put_picture(ax: Axes, pixels: np.ndarray) -> None:
    """Show `pixels` at the upper left of the panel, with square pixels."""
    ax.imshow(pixels, interpolation="nearest" if pixels.shape[0] < 600 else "antialiased")
    ax.set_anchor("NW")
    ax.set_axis_off()


def first_of_grid(pixels: np.ndarray, side: int, of: int = 8) -> np.ndarray:
    """The upper left `side` x `side` images of a grid.

    The grid has `of` x `of` images, with lines two pixels wide between them. Any other picture is returned unchanged.
    """
    height, width = pixels.shape[:2]
    if (height - 2) % of or (width - 2) % of:
        return pixels
    return pixels[: 2 + side * ((height - 2) // of), : 2 + side * ((width - 2) // of)]
