"""Samples beside their nearest training images, so that copies are visible."""

from typing import Any

from matplotlib.figure import Figure

from gan_bench.report.figures import _sheets
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "method: nearest training images in the space that scores are computed in; Meehan et al. 2020, arXiv "
    "2004.05675, on why this is needed",
    "caption": (
        "The first samples of a run, not selected (left column), each beside its five nearest training images, "
        "nearest first, by Euclidean distance in the feature space of the scores; the number is that to the nearest. "
        "One sheet per variant, for the "
        "first of its seeds (n=1 run a sheet). A sample that equals its neighbour is a copy; a few pictures without "
        "copies prove nothing about the others."
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
            "help": "how many seeds of a variant, from the first",
        },
    },
    "deviations": [],
}


def draw(tables: Tables, settings: dict[str, Any]) -> Figure:
    """A panel for each cell and shown seed."""
    nothing = "No finished run left samples beside training images: points have none."
    return _sheets.draw(tables, "neighbours_png", settings, nothing)
