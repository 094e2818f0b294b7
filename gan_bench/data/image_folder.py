"""Any folder of pictures: JPEG, PNG, WebP, BMP, GIF, TIFF; grey or colour; flat or in folders by class.

Every file that is not hidden counts as a picture. If files cannot be decoded, preparation stops and names them
(on_error: refuse), or leaves them out and lists them in the manifest (skip).
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_bench.data import Raw
from gan_bench.data._folder import copies, list_files, locate, read_all, refusal
from gan_bench.data._pictures import BadPictureError, Rule, look
from gan_bench.data._split import fixed_order, hold_out
from gan_bench.errors import UserError
from gan_bench.files import digest_of

FACTS = {
    "paper": "none: the user's own pictures. Grey is luma after ITU-R BT.601.",
    "settings": {
        "path": {
            "type": "path",
            "help": "folder of pictures; a relative path is looked up in the working directory, then in data_dir",
        },
        "test_path": {
            "type": "path",
            "default": None,
            "nullable": True,
            "help": "folder of the test pictures, looked up like path; null holds out test_fraction of path",
        },
        "test_fraction": {
            "type": "float",
            "default": 0.2,
            "above": 0,
            "below": 1,
            "help": "share held out as the test split (of each class, with labels: folders); unused with test_path",
        },
        "size": {"type": "int", "default": 64, "min": 4, "max": 1024, "unit": "px", "help": "side of a picture"},
        "channels": {"type": "int", "default": 3, "choices": [1, 3], "help": "1 = grey, 3 = colour"},
        "resize": {
            "type": "str",
            "default": "crop",
            "choices": ["crop", "squash", "pad"],
            "help": "crop: short side to size, middle kept; squash: proportions lost; pad: long side to size, white",
        },
        "labels": {
            "type": "str",
            "default": "none",
            "choices": ["none", "folders"],
            "help": "folders: the first folder below path is the class",
        },
        "on_error": {
            "type": "str",
            "default": "refuse",
            "choices": ["refuse", "skip"],
            "help": "what to do with files that are not usable pictures; skip lists them in the manifest",
        },
    },
    "deviations": [],
    "licence": "that of the pictures",
    "source": "the folder in the settings",
    "photographs": True,
}

#: Smallest number of pictures in a split. One picture has no spread, which metrics such as the Fréchet distance need.
FEWEST = 2


@dataclass(frozen=True)
class Source:
    """One file: its path, its name in messages, its path below the root folder, and whether it comes from test_path."""

    path: Path
    name: str
    relative: str
    test: bool


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """Shape (channels, size, size); with labels if folders are classes."""
    size = settings["size"]
    return {"shape": (settings["channels"], size, size), "labelled": settings["labels"] == "folders"}


def stamp(settings: dict[str, Any], data_dir: Path | None) -> str:
    """Digest of the names, sizes and times of all files. UserError if a folder is missing or no file is a picture."""
    entries, sources = [], _sources(settings, data_dir)
    if not any(_usable(source.path) for source in sources):  # reads headers up to the first picture
        raise _no_pictures(settings, len(sources))
    for source in sources:
        if source.path.exists():
            stat = source.path.stat()
            entries.append([source.name, stat.st_size, stat.st_mtime_ns])
        else:
            entries.append([source.name])
    return digest_of(entries)


def _usable(path: Path) -> bool:
    with suppress(BadPictureError):
        look(path)
        return True
    return False


def _no_pictures(settings: dict[str, Any], skipped: int) -> UserError:
    left_out = f" ({skipped} files left out)" if skipped else ""
    return UserError(f"image_folder: no pictures in path {settings['path']!r}{left_out}.")


def training_pictures(settings: dict[str, Any], usable: int, unusable: Sequence[tuple[str, str]]) -> int:
    """Number of training pictures of a folder that is not yet prepared. Only for settings without labels and test_path.

    `usable`: number of usable pictures. `unusable`: (name, reason) of each other file. UserError, as from `build`, if
    there are unusable files and on_error is "refuse", or if there are too few pictures.
    """
    if unusable and settings["on_error"] == "refuse":
        raise refusal([{"file": name, "reason": reason} for name, reason in unusable], usable + len(unusable))
    split = hold_out(np.zeros(usable, np.int64), settings["test_fraction"])
    _check_counts(settings, split, len(unusable))
    return int((split == 0).sum())


def build(settings: dict[str, Any], folder: Path, data_dir: Path | None) -> Raw:
    """Decode every picture. A fixed permutation of the sorted relative paths gives the order of the rows.

    With test_path, its pictures are the test split. Otherwise, another fixed permutation gives the split.

    Raises:
        UserError: A folder is missing, or one of path and test_path contains the other. There are unusable files and
            on_error is "refuse", or there are too few pictures. Pictures are outside of class folders, or a class has
            no training picture.
    """
    sources = _sources(settings, data_dir)
    rule = Rule(settings["size"], settings["channels"], settings["resize"])
    pictures = read_all([(s.name, s.path) for s in sources], rule, settings["on_error"], folder)
    kept = [sources[position] for position in pictures.kept]
    labels, classes = _labels(kept) if settings["labels"] == "folders" else (None, None)
    if settings["test_path"] is not None:
        split = np.array([s.test for s in kept], dtype=np.uint8)
    else:
        strata = np.zeros(len(kept), np.int64) if labels is None else labels
        split = hold_out(strata, settings["test_fraction"])
    _check_counts(settings, split, len(pictures.skipped))
    _check_classes(labels, classes, split)
    return Raw(
        images=pictures.images,
        labels=labels,
        split=split,
        classes=classes,
        facts={
            "rule": rule.sentence(),
            "skipped": pictures.skipped,
            "sub_folders": {} if labels is not None else _sub_folders(kept),
            "copies": copies(pictures.images, [source.name for source in kept]),
        },
        order=fixed_order(len(kept)),
    )


def _sources(settings: dict[str, Any], data_dir: Path | None) -> list[Source]:
    root = locate(settings["path"], data_dir, "path")
    sources = [Source(root / name, name, name, False) for name in list_files(root)]
    if settings["test_path"] is not None:
        other = locate(settings["test_path"], data_dir, "test_path")
        inside = other.resolve().is_relative_to(root.resolve()) or root.resolve().is_relative_to(other.resolve())
        if inside:
            raise UserError(
                f"image_folder: path {settings['path']!r} and test_path {settings['test_path']!r} lie one in the "
                "other, so that pictures would be in both splits; give two separate folders."
            )
        sources += [Source(other / name, f"test_path: {name}", name, True) for name in list_files(other)]
    return sources


def _sub_folders(kept: list[Source]) -> dict[str, int]:
    """Sub-folder -> number of pictures directly in it."""
    names = [source.name.rpartition("/")[0] for source in kept if "/" in source.relative]
    return dict(sorted(Counter(names).items()))


def _labels(kept: list[Source]) -> tuple[NDArray[np.int64], list[str]]:
    """Labels and class names. The class of a picture is the first folder of its relative path; classes are sorted."""
    loose = [s.name for s in kept if "/" not in s.relative]
    if loose:
        raise UserError(
            f"image_folder: labels: folders needs every picture in a class folder, but {len(loose)} lie directly in "
            f"the folder, such as {loose[0]!r}; sort them into folders or set labels: none."
        )
    names = [s.relative.split("/", 1)[0] for s in kept]
    classes = sorted(set(names))
    if unreadable := [name for name in classes if not name.isprintable()]:
        raise UserError(
            f"image_folder: the class folder {unreadable[0]!a} has a line break or bytes that are no UTF-8 in its "
            "name, which tables and figures show; rename it."
        )
    return np.array([classes.index(name) for name in names], dtype=np.int64), classes


def _check_counts(settings: dict[str, Any], split: NDArray[np.uint8], skipped: int) -> None:
    train, test = int((split == 0).sum()), int((split == 1).sum())
    if train >= FEWEST and test >= FEWEST:
        return
    if not len(split):
        raise _no_pictures(settings, skipped)
    left_out = f" ({skipped} files left out)" if skipped else ""
    way = "test_path" if settings["test_path"] is not None else f"test_fraction {settings['test_fraction']}"
    raise UserError(
        f"image_folder: too few pictures: {train} to train and {test} to test with{left_out}; "
        f"each split needs at least {FEWEST} (path {settings['path']!r}, {way})."
    )


def _check_classes(labels: NDArray[np.int64] | None, classes: list[str] | None, split: NDArray[np.uint8]) -> None:
    if labels is None or classes is None:
        return
    counts = np.bincount(labels[split == 0], minlength=len(classes))
    unseen = [name for name, count in zip(classes, counts, strict=True) if not count]
    if unseen:
        raise UserError(f"image_folder: the class folders {', '.join(unseen)} of test_path have no training pictures.")
