"""Data sets in the idx format of MNIST: finds or downloads the four archives, verifies and reads them.

The FACTS of such a data set have these additional keys:

    "torchvision"   name of its class in torchvision
    "folders"       folders below data_dir that may contain its archives
    "urls"          web addresses of the archives, which messages name
    "files"         SHA-256 of each archive
    "classes"       names of the classes
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_bench.data import Raw
from gan_bench.data._download import DownloadError, fetch
from gan_bench.data._split import subset
from gan_bench.errors import UserError
from gan_bench.files import digest_file

SIDE = 28
UNSIGNED_BYTE = 0x08
#: (archive of images, archive of labels) of the train split and of the test split.
PARTS = (
    ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)
FILES = tuple(file for part in PARTS for file in part)


def describe(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Shape (1, size, size), with labels."""
    return {"shape": (1, settings["size"], settings["size"]), "labelled": True}


def build(name: str, facts: Mapping[str, Any], settings: Mapping[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Both splits of a data set, in the order of the files: all images, or a fixed subset that keeps class proportions.

    UserError if `data_dir` has only some of the archives, if a download fails, if a checksum is wrong, or if n_train or
    n_test is too large.
    """
    place = find(name, facts, data_dir)
    if place is None:
        place = folder / "download"
        _fetch(name, facts, place, data_dir)
    verify(name, facts, place)
    parts = [_part(name, place, *PARTS[0], settings["n_train"]), _part(name, place, *PARTS[1], settings["n_test"])]
    margin = (settings["size"] - SIDE) // 2
    images = np.concatenate([images for images, _ in parts])
    rule = "The original 28 x 28 pixels" + (f", {margin} zeros added on each side" if margin else "") + "."
    if settings["n_train"] is not None or settings["n_test"] is not None:
        rule += " A fixed random subset in proportion to the classes, in the order of the files."
    return Raw(
        images=np.pad(images, ((0, 0), (margin, margin), (margin, margin)))[:, None],
        labels=np.concatenate([labels for _, labels in parts]),
        split=np.repeat(np.arange(2, dtype=np.uint8), [len(labels) for _, labels in parts]),
        classes=list(facts["classes"]),
        facts={"rule": rule, "files": dict(facts["files"])},
    )


def find(name: str, facts: Mapping[str, Any], data_dir: Path | None) -> Path | None:
    """The folder with the archives: `data_dir`, or one of facts["folders"] below it; None if no folder has archives.

    UserError if a folder contains some but not all of the four archives.
    """
    if data_dir is None:
        return None
    for place in (*(data_dir / below for below in facts["folders"]), data_dir):
        missing = [file for file in FILES if not (place / file).is_file()]
        if not missing:
            return place
        if len(missing) < len(FILES):
            raise UserError(f"{name}: {place} lacks {', '.join(missing)}; all four archives are needed.")
    return None


def verify(name: str, facts: Mapping[str, Any], place: Path) -> None:
    """Check the archives in `place`. UserError names an archive whose SHA-256 is not the one in facts["files"]."""
    for file in FILES:
        digest, expected = digest_file(place / file), facts["files"][file]
        if digest != expected:
            raise UserError(
                f"{name}: {place / file} is damaged or another file: its SHA-256 is {digest}, {expected} is expected; "
                "replace or remove it."
            )


def _fetch(name: str, facts: Mapping[str, Any], place: Path, data_dir: Path | None) -> None:
    try:
        fetch(facts["torchvision"], place)
    except DownloadError as error:
        held = "data_dir is not set" if data_dir is None else f"data_dir {str(data_dir)!r} does not hold it"
        raise UserError(
            f"{name}: {held}, and the download failed ({error}). Put {', '.join(FILES)} from "
            f"{' or '.join(facts['urls'])} into a folder {facts['folders'][0]}/ and name its parent as data_dir."
        ) from None


def _part(
    name: str, place: Path, image_file: str, label_file: str, count: int | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    images, labels = read_idx(place / image_file), read_idx(place / label_file).astype(np.int64)
    if count is None:
        return images, labels
    if count > len(labels):
        key = "n_train" if image_file.startswith("train") else "n_test"
        raise UserError(f"{name}: {key} is {count}, the data set has {len(labels)}.")
    rows = subset(labels, count)
    return images[rows], labels[rows]


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Array of unsigned bytes in a gzipped idx file: two zeros, type, number of axes, sizes (big-endian), values.

    ValueError if the file has another format, or if its length differs from that in the header.
    """
    with gzip.open(path, "rb") as stream:
        content = stream.read()
    if len(content) < 4 or content[:3] != bytes((0, 0, UNSIGNED_BYTE)):
        raise ValueError(f"{path.name}: not an idx file of unsigned bytes")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError(f"{path.name}: the header is cut short")
    sizes = np.frombuffer(content[4:start], dtype=">u4").astype(np.int64)
    if len(content) - start != sizes.prod():
        raise ValueError(f"{path.name}: {len(content) - start} values, its header says {sizes.tolist()}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)
