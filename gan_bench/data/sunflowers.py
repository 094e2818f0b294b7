"""Drawn sunflower pictures with known modes: mostly face-on flowers, some slender side views, a few odd ones.

The data set replaces 256 photographs that cannot be passed on. Because the mode of each picture is known, a study can
tell which modes a generator lost. The pictures are written as PNG files to `pictures/<split>/<mode>/` in the prepared
folder, and then read by the component `image_folder`.
"""

import shutil
from pathlib import Path
from typing import Any

from gan_bench.data import Raw, image_folder
from gan_bench.data._flower_modes import MODES, draw
from gan_bench.data._split import apportion
from gan_bench.seeds import generator

FACTS = {
    "paper": "none for the data. Seeds of the disc: Vogel 1979, A better way to construct the sunflower head, "
    "Mathematical Biosciences 44, 179-189, eq. 1-2.",
    "settings": {
        "size": {
            "type": "int",
            "default": 64,
            "choices": [16, 32, 64, 128],
            "unit": "px",
            "help": "side of a picture; the PNG files have 128",
        },
        "channels": {"type": "int", "default": 1, "choices": [1, 3], "help": "1 = grey, 3 = colour"},
        "n_train": {"type": "int", "default": 256, "min": 8, "max": 100000, "help": "training pictures"},
        "n_test": {"type": "int", "default": 256, "min": 8, "max": 100000, "help": "test pictures, drawn apart"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "another seed draws other pictures"},
        "labels": {
            "type": "bool",
            "default": False,
            "help": "give the modes as labels; they are counted in the manifest in any case",
        },
    },
    "deviations": [
        "Drawn, not photographed: one plant in front of a blurred background.",
        "The source says mostly frontal, then slender, then a few odd ones; the shares 70, 22 and 8 % are ours.",
    ],
    "licence": "Apache-2.0, drawn by this package",
    "source": "drawn when the data set is prepared",
}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (channels, size, size); with labels if the setting `labels` is true."""
    return {"shape": (settings["channels"], settings["size"], settings["size"]), "labelled": settings["labels"]}


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Draw the pictures, store them in `folder`/pictures, and read them."""
    pictures = folder / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    write_pictures(pictures, settings["seed"], settings["n_train"], settings["n_test"])
    raw = image_folder.build(
        {
            "path": str((pictures / "train").absolute()),
            "test_path": str((pictures / "test").absolute()),
            "size": settings["size"],
            "channels": settings["channels"],
            "resize": "crop",
            "labels": "folders",
            "on_error": "refuse",
        },
        folder,
        None,
    )
    raw.facts["mode_shares"] = {mode: share for mode, (_, share) in MODES.items()}
    return raw


def write_pictures(folder: Path, seed: int, n_train: int, n_test: int) -> None:
    """PNG files `folder`/<split>/<mode>/0001.png..., RGB 128 x 128.

    A picture depends only on the seed, its split, its mode and its number, so a larger set contains the smaller one.
    """
    streams = generator(seed, "data").spawn(2)
    for split, count, stream in zip(("train", "test"), (n_train, n_test), streams, strict=True):
        counts = apportion([share for _, share in MODES.values()], count)
        for mode, n, mode_stream in zip(MODES, counts, stream.spawn(len(MODES)), strict=True):
            place = folder / split / mode
            place.mkdir(parents=True)
            for number, rng in enumerate(mode_stream.spawn(n), start=1):
                draw(mode, rng).save(place / f"{number:04}.png", compress_level=1)
