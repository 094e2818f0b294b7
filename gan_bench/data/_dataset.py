"""Opens a prepared data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_bench.data._raw import SPLITS
from gan_bench.errors import UserError
from gan_bench.files import digest_file, read_json
from gan_bench.paths import IMAGES, LABELS, MANIFEST, SPLIT


@dataclass(frozen=True)
class DataSet:
    """A prepared data set. Its arrays are read-only, and memory-mapped if they are not empty.

    A slice of an array is a view; selecting rows by an array of indices makes a copy.
    """

    folder: Path
    manifest: dict[str, Any]
    all_images: NDArray[np.uint8] | NDArray[np.float32]
    all_labels: NDArray[np.int64] | None

    def images(self, split: str) -> NDArray[np.uint8] | NDArray[np.float32]:
        """Images (n, C, H, W) of the split "train" or "test": uint8 pixels, or float32 points in [-1, 1]."""
        return self.all_images[self._rows(split)]

    def labels(self, split: str) -> NDArray[np.int64] | None:
        """Labels (n,) int64 of the split "train" or "test"; None if the data set has no labels."""
        rows = self._rows(split)
        return None if self.all_labels is None else self.all_labels[rows]

    def _rows(self, split: str) -> slice:
        if split not in SPLITS:
            raise ValueError(f"split {split!r} is not one of {SPLITS}")
        train = self.counts["train"]
        return slice(0, train) if split == "train" else slice(train, train + self.counts["test"])

    @property
    def name(self) -> str:
        """The component's name, or the path of a user's component."""
        return str(self.manifest["name"])

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        channels, height, width = self.manifest["shape"]
        return channels, height, width

    @property
    def counts(self) -> dict[str, int]:
        """Split -> number of rows (pictures or points)."""
        return dict(self.manifest["counts"])

    @property
    def labelled(self) -> bool:
        """Whether the data set has labels."""
        return self.all_labels is not None

    @property
    def classes(self) -> list[str] | None:
        """Names of the classes. None if no labels are stored, even if the manifest names and counts classes."""
        return list(self.manifest["classes"]) if self.labelled else None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of pixels, labels and split."""
        return str(self.manifest["digest"])

    def verify(self) -> None:
        """Check the SHA-256 of every file against the manifest; UserError names a file that differs."""
        for file, expected in self.manifest["sha256"].items():
            if digest_file(self.folder / file) != expected:
                raise _damaged(self.folder / file, "its SHA-256 is not the manifest's")


def open_data(folder: Path | str) -> DataSet:
    """The data set that `prepare` wrote into `folder`.

    UserError if the folder has no data set, if a file is missing, or if an array has another shape, type or length than
    the manifest says.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        raise UserError(f"{folder}: not a prepared data set, it holds no {MANIFEST}; prepare it first.")
    manifest = read_json(folder / MANIFEST)
    absent = {"name", "shape", "labelled", "classes", "counts", "sha256", "digest"} - set(manifest)
    if absent:
        raise _damaged(folder / MANIFEST, f"it lacks {', '.join(sorted(absent))}")
    total = sum(manifest["counts"].values())
    shape = (total, *manifest["shape"])
    labelled = manifest["labelled"]
    images = _open_array(folder / IMAGES, shape, np.float32 if manifest.get("dtype") == "float32" else np.uint8)
    labels = _open_array(folder / LABELS, (total if labelled else 0,), np.int64)
    split = _open_array(folder / SPLIT, (total,), np.uint8)
    if int((split == 0).sum()) != manifest["counts"]["train"] or (np.diff(split.astype(np.int8)) < 0).any():
        raise _damaged(folder / SPLIT, "it does not hold the training rows first, as many as the manifest counts")
    return DataSet(folder, manifest, images, labels if labelled else None)


def _open_array(path: Path, shape: tuple[int, ...], dtype: type) -> NDArray[Any]:
    try:
        # An empty array cannot be memory-mapped.
        array = np.load(path, mmap_mode="r" if np.prod(shape) else None, allow_pickle=False)
    except FileNotFoundError:
        raise _damaged(path, "it is missing") from None
    except (ValueError, OSError, EOFError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != dtype:
        raise _damaged(path, f"the manifest promises {shape} {np.dtype(dtype)}, it holds another array")
    if isinstance(array, np.memmap) and array.offset + array.nbytes != path.stat().st_size:
        raise _damaged(path, "it is longer than its array")
    array.flags.writeable = False
    return array.view(np.ndarray)


def _damaged(path: Path, reason: str) -> UserError:
    return UserError(f"{path}: damaged: {reason}; prepare the data set again.")
