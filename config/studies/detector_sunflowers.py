"""A folder of pictures without labels. Bins of k-means are used as its modes."""

from pathlib import Path
from typing import Any

from gan_bench.data import Raw, image_folder

FACTS = {
    "paper": "none: the pictures of a folder; bins: Richardson & Weiss 2018 (arXiv:1805.12462)",
    "settings": {
        "path": {"type": "path", "help": "folder of pictures; looked up in the working directory, then in data_dir"},
        "size": {"type": "int", "default": 32, "min": 4, "max": 128, "unit": "px", "help": "side of a picture"},
    },
    "deviations": [],
    "licence": "that of the pictures",
    "source": "the folder in the settings",
    "extractor": "kmeans",
}

#: Grey pictures; a quarter of them is the test split.
RULE: dict[str, Any] = {
    "test_path": None,
    "test_fraction": 0.25,
    "channels": 1,
    "resize": "crop",
    "labels": "none",
    "on_error": "refuse",
}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    return image_folder.describe({**RULE, **settings})


def stamp(settings: dict[str, Any], data_dir: Path | None) -> str:
    return image_folder.stamp({**RULE, **settings}, data_dir)


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    return image_folder.build({**RULE, **settings}, folder, data_dir)
