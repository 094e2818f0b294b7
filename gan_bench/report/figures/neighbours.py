"""Samples beside their nearest training images, to make copies visible."""

from typing import Any

from matplotlib.figure import Figure

from gan_bench.report.figures import _sheets
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "method: nearest training images in the feature space of the scores; Meehan et al. 2020, arXiv "
    "2004.05675, on why this is needed",
    "caption": (
        "The first samples of a run, not selected (left column), each beside its five nearest training images, "
        "nearest first, by Euclidean distance in the feature space of the scores; the number is the distance to the "
        "nearest. One sheet per variant, for its first seed (n=1 run per sheet). A sample that equals its neighbour "
        "is a copy; a few samples without copies prove nothing about the others."
    ),
    "category": "Samples",
    "order": 8,
    "needs": ["media", "run_cards"],
    "when": ["pictures"],
    "settings": {
        "dpi": {"type": "int", "default": 144, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel": {"type": "float", "default": 1.8, "min": 0.8, "max": 6, "unit": "inches", "help": "width of a sheet"},
        "seeds": {
            "type": "int",
            "default": 1,
            "min": 1,
            "max": 10,
            "help": "number of seeds of a variant, from the first",
        },
    },
    "deviations": [],
}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A panel for each cell and shown seed."""
    nothing = "No finished run has pictures of samples beside training images. Data of points have none."
    return _sheets.draw(tables, "neighbours_png", settings, nothing)
