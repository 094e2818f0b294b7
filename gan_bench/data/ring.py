"""Gaussians evenly spaced on a circle in the plane; the modes that a generator finds can be counted.

The angles exclude 2 pi, so the last mode is not a copy of the first.
"""

from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import Raw, _mixture

FACTS = {
    "paper": "Metz et al. 2017, Unrolled Generative Adversarial Networks, section 3.1 (arXiv:1611.02163); "
    "Srivastava et al. 2017, VEEGAN (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4.1 (arXiv:1712.04086)",
    "settings": {
        "modes": {"type": "int", "default": 8, "min": 2, "max": 1000, "help": "Gaussians on the circle of radius 1"},
        "sd": {"type": "float", "default": 0.01, "above": 0, "max": 0.1, "help": "standard deviation of each"},
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
    "deviations": ["Divided by 1.5, so that all lies in [-1, 1]; sd and centres in the manifest are scaled likewise."],
    "licence": "none needed: drawn here",
    "source": "drawn from a seed",
    "extractor": "identity",
}

SCALE = 1.5

describe = _mixture.describe


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Points of a mixture.

    Its modes are on the unit circle at the angles 2 pi k / modes for k = 0 to modes - 1, and all coordinates are
    divided by SCALE.
    """
    angles = 2 * np.pi * np.arange(settings["modes"]) / settings["modes"]
    centres = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _mixture.build(centres, settings, SCALE, "Gaussians evenly on the circle of radius 1.")
