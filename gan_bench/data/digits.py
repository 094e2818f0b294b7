"""1,797 handwritten digits of 8 x 8 pixels from scikit-learn; nothing is downloaded.

The quick studies use this data set, because small networks train fast on it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan_bench.data import Raw
from gan_bench.data._split import fixed_order, hold_out

FACTS = {
    "paper": "Alpaydin, Kaynak 1998, Optical Recognition of Handwritten Digits, UCI repository, doi:10.24432/C50P49; "
    "Kaynak 1995, Methods of combining multiple classifiers, MSc thesis, Bogazici University.",
    "settings": {
        "size": {
            "type": "int",
            "default": 8,
            "choices": [8, 16, 32],
            "unit": "px",
            "help": "side of a picture; 16 and 32 are the 8 x 8 originals enlarged (bicubic)",
        },
        "test_fraction": {
            "type": "float",
            "default": 0.3,
            "above": 0,
            "below": 1,
            "help": "share held out as the test split, the same in each class",
        },
    },
    "deviations": [
        "scikit-learn carries the 1,797 test digits of the original 5,620; the split here is ours, and writers are "
        "on both of its sides."
    ],
    "licence": "CC BY 4.0",
    "source": "sklearn.datasets.load_digits; https://archive.ics.uci.edu/dataset/80",
}

#: Each original pixel is the number of inked pixels in a 4 x 4 block: 0 to 16.
LEVELS = 16
RULE = (
    "Ink counts 0..16 become round(v * 255 / 16), halves up; sizes above 8 are enlarged with Pillow's bicubic filter. "
    "Rows stand in a fixed random order."
)


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (1, size, size), with labels."""
    return {"shape": (1, settings["size"], settings["size"]), "labelled": True}


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """The digits with a fixed split that keeps the proportions of the classes."""
    from sklearn.datasets import load_digits

    source = load_digits()
    pixels = np.floor(source.images * 255 / LEVELS + 0.5).astype(np.uint8)
    size = (settings["size"], settings["size"])
    if size != pixels.shape[1:]:
        enlarged = [Image.fromarray(digit).resize(size, Image.Resampling.BICUBIC) for digit in pixels]
        pixels = np.stack([np.asarray(digit) for digit in enlarged])
    labels = source.target.astype(np.int64)
    return Raw(
        images=pixels[:, None],
        labels=labels,
        split=hold_out(labels, settings["test_fraction"]),
        classes=[str(digit) for digit in range(10)],
        facts={"rule": RULE},
        order=fixed_order(len(labels)),
    )
