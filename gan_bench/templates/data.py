"""Images of 8 x 8 pixels with vertical or horizontal stripes and noise."""

from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import Raw
from gan_bench.data._split import hold_out

FACTS = {
    "paper": "none: drawn here",
    "settings": {
        "count": {"type": "int", "default": 400, "min": 20, "unit": "images", "help": "number of images of both splits"}
    },
    "deviations": [],
    "licence": "none needed: drawn here",
    "source": "drawn from a seed",
}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (1, 8, 8), labelled by the direction of the stripes."""
    return {"shape": (1, 8, 8), "labelled": True}


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Draw the images; a quarter of them are the test split."""
    rng = np.random.Generator(np.random.PCG64(0))
    labels = np.arange(settings["count"]) % 2
    stripes = np.where(np.arange(8) % 4 < 2, 180, 30) * np.ones((8, 1), int)
    images = np.where(labels[:, None, None] == 0, stripes, stripes.T) + rng.integers(0, 60, (len(labels), 8, 8))
    return Raw(
        images=images.astype(np.uint8)[:, None],
        labels=labels.astype(np.int64),
        split=hold_out(labels, 0.25),
        classes=["upright", "level"],
        facts={"rule": "Grey levels are drawn as whole numbers."},
    )
