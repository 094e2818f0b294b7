"""Generated images side by side: a sheet of samples per variant, a section per data set."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_bench.report.figures import _grid, _sheets
from gan_bench.report.tables_input import PlannedCell, Tables

FACTS = {
    "paper": "method: the run's own samples.png, not selected",
    "caption": (
        "Samples at the end of training, as each run saved them: not selected. One sheet per variant, for the first "
        "of its seeds; the title gives the seed and what became of the run. An empty sheet says why there is none."
    ),
    "category": "Samples",
    "needs": ["media", "run_cards"],
    "settings": {
        "dpi": {"type": "int", "default": 144, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel": {"type": "float", "default": 1.7, "min": 0.8, "max": 6, "unit": "inches", "help": "side of a sheet"},
        "seeds": {
            "type": "int",
            "default": 1,
            "min": 1,
            "max": 10,
            "help": "how many seeds of a variant, from the first",
        },
    },
    "deviations": [],
}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A square panel for each cell and shown seed; the sheet grows with their number."""
    panel = settings["panel"]

    def put(ax: Axes, cell: PlannedCell, seed: int) -> None:
        content = tables.picture(cell, seed, "samples_png")
        if content is None:
            _grid.explain(ax, "no samples were saved", panel - 0.2)
            return
        ax.imshow(_sheets.decoded(content), interpolation="antialiased")
        ax.set_axis_off()

    return _sheets.sheet(tables, _sheets.shown_runs(tables, settings), put, (panel, panel), right=0.1, widest=8)
