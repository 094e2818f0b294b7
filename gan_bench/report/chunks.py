"""Chunks: parts of the page's data (runs, samples, losses) that the page loads on demand.

A chunk is in the page itself or, for a large page, in a file beside it. A cell is one variant on one data set.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.report.cards import run_entry
from gan_bench.report.figures._scores import means_by_step
from gan_bench.report.pictures import data_address
from gan_bench.report.sprites import sprite
from gan_bench.report.tables_input import PlannedCell, Tables

#: Number of variants in a chunk of samples or losses.
VARIANTS = 10
#: WALL_SEEDS: largest number of seeds per variant in the wall of samples. POINTS: a loss curve has at most POINTS + 1
#: log points.
WALL_SEEDS, POINTS = 3, 120
#: The page has the samples and losses of the best MOST_SHOWN variants of each data set.
MOST_SHOWN = 60
#: Column of media.parquet -> (name on the page, MIME type).
PICTURES = {
    "samples_png": ("samples", "image/png"),
    "progress_gif": ("training progress", "image/gif"),
    "neighbours_png": ("nearest training images", "image/png"),
    "interpolation_png": ("paths between latents", "image/png"),
}


Scores = Mapping[tuple[str, str, int], list[tuple[str, str, str]]]
"""(metric, value, note) of each metric value, by (data set, cell, seed)"""
Numbers = Mapping[PlannedCell, int]
"""Position of each cell in the plan; the page uses it as the cell's identifier"""


def chunks(
    tables: Tables, ranked: Mapping[str, Sequence[PlannedCell]], scores: Scores
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, content) of every chunk. `ranked`: the cells of each data set, best first."""
    numbers = {cell: i for i, cell in enumerate(tables.cells)}
    for d, cells in enumerate(ranked.values()):
        shown = cells[:MOST_SHOWN]
        for k in range(0, len(shown), VARIANTS):
            part = shown[k : k + VARIANTS]
            yield f"wall-{d}-{k // VARIANTS}", _wall(tables, part, numbers, real=k == 0)
            yield f"losses-{d}-{k // VARIANTS}", _losses(tables, part, numbers)
    for cells in ranked.values():
        for cell in cells:
            yield f"cell-{numbers[cell]}", _cell(tables, cell, scores)


def _cell(tables: Tables, cell: PlannedCell, scores: Scores) -> dict[str, Any]:
    """The "settings" that all runs of a cell share, and its "runs": card, scores and pictures of each run, by seed."""
    runs = {}
    for seed in cell.seeds:
        pictures = [
            (name, data_address(content, kind))
            for column, (name, kind) in PICTURES.items()
            if (content := tables.picture(cell, seed, column)) is not None
        ]
        values = scores.get((cell.dataset, cell.id, seed), [])
        runs[seed] = {**run_entry(tables, cell, seed), "scores": values, "pictures": pictures}
    return {"settings": cell.settings, "runs": runs}


def _wall(tables: Tables, cells: Sequence[PlannedCell], numbers: Numbers, *, real: bool) -> dict[str, Any]:
    """Samples of the first WALL_SEEDS seeds of each cell. `real`: whether to add real images.

    A run without a picture of its training progress has only its final samples.
    """
    content: dict[str, Any] = {"cells": {}}
    shape = _shape(tables, cells[0].dataset)
    picture = tables.real_images.get(cells[0].dataset)
    if real and picture is not None and shape is not None:
        content["real"] = sprite(picture, shape)
    for cell in cells:
        samples = {}
        for seed in cell.seeds[:WALL_SEEDS]:
            still, moving = tables.pictures(cell, seed)
            sheets = (sprite(picture, shape) for picture in (moving, still) if picture and shape)
            # A picture that is not a grid of images, such as a plot of points, is shown unchanged.
            whole = {"src": data_address(still, "image/png"), "frames": 0} if still else None
            if sheet := next(filter(None, sheets), whole):
                samples[seed] = sheet
        content["cells"][numbers[cell]] = samples
    return content


def _shape(tables: Tables, dataset: str) -> tuple[int, int, int] | None:
    shape = tables.plan["datasets"].get(dataset, {}).get("shape")
    return None if not shape or list(shape[1:]) == [1, 1] else (shape[0], shape[1], shape[2])


def _losses(tables: Tables, cells: Sequence[PlannedCell], numbers: Numbers) -> dict[str, Any]:
    """Losses of all runs of the cells.

    If the runs of a cell kept generators during training, the cell also has its mean scores by step.
    """
    histories = tables.histories_of(cells, ("step", "d_loss", "g_loss"))
    losses = {numbers[cell]: {s: _thin(run) for s, run in histories[cell].groupby("seed")} for cell in cells}
    curves = tables.curves
    curves = curves[curves["cell"].isin([cell.id for cell in cells]) & (curves["dataset"] == cells[0].dataset)]
    by_metric: dict[str, dict[int, Any]] = {}
    ids = {cell.id: numbers[cell] for cell in cells}
    for (metric, cell), part in curves.dropna(subset=["value"]).groupby(["metric", "cell"], sort=False):
        means = means_by_step(tables, part)
        by_metric.setdefault(str(metric), {})[ids[str(cell)]] = [
            [int(s) for s in means.index],
            _numbers(means.to_numpy(), 7),
        ]
    return {"losses": losses, "curves": by_metric}


def _thin(run: pd.DataFrame) -> list[list[Any]]:
    """[steps, losses of D, losses of G] at no more than POINTS + 1 log points, which include the last log point."""
    every = max(1, -(-len(run) // POINTS))
    rows = np.unique(np.append(np.arange(0, len(run), every), len(run) - 1))
    steps = run["step"].to_numpy()[rows]
    return [
        [int(s) for s in steps],
        *(_numbers(run[name].to_numpy(dtype=float)[rows]) for name in ("d_loss", "g_loss")),
    ]


def _numbers(values: np.ndarray, digits: int = 4) -> list[float | None]:
    """Values with `digits` significant digits; None for values that are not finite."""
    return [float(f"{x:.{digits}g}") if np.isfinite(x) else None for x in values]


def as_json(value: Any) -> str:
    """JSON that is safe in a script element.

    Characters that could end the element, start a comment or end a line in JavaScript are escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
