"""Stacked digits: three digits in the three channels of a picture, which gives 1,000 modes that can be counted."""

from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import Raw
from gan_bench.registry import load

FACTS = {
    "paper": "Che et al. 2017, Mode Regularized Generative Adversarial Networks (arXiv:1612.02136); Srivastava "
    "et al. 2017, "
    "VEEGAN, section 4.2 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4.2 (arXiv:1712.04086)",
    "settings": {
        "base": {
            "type": "str",
            "default": "mnist",
            "choices": ["mnist", "digits"],
            "help": "mnist: 28 x 28; digits: the 8 x 8 ones that need no download",
        },
        "n_train": {
            "type": "int",
            "default": 60000,
            "min": 10,
            "max": 1000000,
            "help": "training pictures, of three training digits each",
        },
        "n_test": {"type": "int", "default": 10000, "min": 10, "max": 1000000, "help": "test pictures, of test digits"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "of the choice of digits, the same for every run"},
    },
    "deviations": [
        "Splits of the base stay apart and there are 60,000 training pictures (141 MB); the PacGAN authors draw "
        "128,000 "
        "from both splits together.",
    ],
    "licence": "that of the base data set",
    "source": "drawn from the base data set",
    "extractor": "stacked_classifier",
}

SIDES = {"mnist": 28, "digits": 8}
BASE_SETTINGS = {"mnist": {"size": 28, "n_train": None, "n_test": None}, "digits": {"size": 8, "test_fraction": 0.3}}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (3, side, side), labelled by the number (0 to 999) that the three digits form."""
    side = SIDES[settings["base"]]
    return {"shape": (3, side, side), "labelled": True}


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Pictures of three digits a, b, c, drawn independently from one split of the base data; label 100 a + 10 b + c."""
    base = load("data", settings["base"]).build(BASE_SETTINGS[settings["base"]], folder, data_dir)
    rng = np.random.default_rng(settings["seed"])
    images, labels = [], []
    for code, count in ((0, settings["n_train"]), (1, settings["n_test"])):
        rows = np.flatnonzero(base.split == code)
        chosen = rows[rng.integers(len(rows), size=(count, 3))]
        images.append(np.asarray(base.images)[chosen, 0])
        labels.append(base.labels[chosen] @ np.array([100, 10, 1]))
    counts = [settings["n_train"], settings["n_test"]]
    return Raw(
        images=np.concatenate(images),
        labels=np.concatenate(labels).astype(np.int64),
        split=np.repeat(np.arange(2, dtype=np.uint8), counts),
        classes=[f"{k:03d}" for k in range(1000)],
        facts={"rule": f"Three digits of {settings['base']} in the channels, drawn with replacement within a split."},
    )
