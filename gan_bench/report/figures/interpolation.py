"""Paths between latents: the images between two samples, for each variant."""

from typing import Any

from matplotlib.figure import Figure

from gan_bench.report.figures import _sheets
from gan_bench.report.tables_input import Tables

FACTS = {
    "paper": "Radford et al. 2016, arXiv 1511.06434, section 6.1; great circles: White 2016, arXiv 1609.04468",
    "caption": (
        "Images at equal steps along paths between two latents, one row per path; the ends are samples of the run, "
        "not selected. Paths are great circles between normal latents and straight lines between bounded latents; the "
        "class is constant. One sheet per variant, for its first seed (n=1 run per sheet). The output of every network "
        "changes smoothly with its input, so a smooth path does not exclude memorised images. Jumps, or rows that look "
        "the same, show a fault."
    ),
    "category": "Samples",
    "order": 11,
    "needs": ["media", "run_cards"],
    "when": ["pictures", "networks"],
    "settings": {
        "dpi": {"type": "int", "default": 144, "min": 50, "max": 600, "unit": "dots per inch", "help": "of the PNG"},
        "panel": {"type": "float", "default": 2.2, "min": 0.8, "max": 6, "unit": "inches", "help": "width of a sheet"},
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
    nothing = "No finished run has paths between latents. Data of points and methods without a network have none."
    return _sheets.draw(tables, "interpolation_png", settings, nothing)
