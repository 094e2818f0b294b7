"""The 8 x 8 digits as 28 x 28 px pictures: each pixel becomes 3 x 3 pixels, and a border of 2 px is added.

The pictures have the size of MNIST's. They need no download, and no arithmetic that could differ between processors.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import Raw, digits

FACTS = {
    "paper": "as data set digits",
    "settings": {},
    "deviations": ["enlarged by repetition"],
    "licence": "CC BY 4.0",
    "source": "sklearn.datasets.load_digits",
}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (1, 28, 28), with labels."""
    return {"shape": (1, 28, 28), "labelled": True}


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """The digits with their stratified split."""
    raw = digits.build({"size": 8, "test_fraction": 0.3}, folder, data_dir)
    images = np.pad(raw.images.repeat(3, axis=2).repeat(3, axis=3), ((0, 0), (0, 0), (2, 2), (2, 2)))
    return replace(raw, images=images, facts={"rule": "8 x 8 pixels three times in both directions, a border of 2 px."})
