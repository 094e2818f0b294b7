"""Gaussians on a square grid in the plane, 5 x 5 by default; the modes that a generator finds can be counted."""

from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import Raw, _mixture

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4.1 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4.1 "
    "(arXiv:1712.04086)",
    "settings": {
        "side": {"type": "int", "default": 5, "min": 2, "max": 30, "help": "modes along each side, at a distance of 2"},
        "sd": {"type": "float", "default": 0.05, "above": 0, "max": 0.5, "help": "standard deviation of each"},
        "n_train": {
            "type": "int",
            "default": 100000,
            "min": 10,
            "max": 10000000,
            "unit": "points",
            "help": "to train with",
        },
        "n_test": {
            "type": "int",
            "default": 10000,
            "min": 10,
            "max": 10000000,
            "unit": "points",
            "help": "to test with",
        },
        "seed": {"type": "int", "default": 0, "min": 0, "help": "of the points, the same for every run"},
    },
    "deviations": ["Divided by side, so that all lies in [-1, 1]; sd and centres in the manifest are scaled likewise."],
    "licence": "none needed: drawn here",
    "source": "drawn from a seed",
    "extractor": "identity",
}

describe = _mixture.describe


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Points of a mixture. Its modes form a square grid around 0 with distance 2; coordinates are divided by `side`."""
    side = settings["side"]
    places = 2.0 * np.arange(side) - (side - 1)
    centres = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
    return _mixture.build(centres, settings, float(side), f"Gaussians on a {side} x {side} grid of step 2.")
