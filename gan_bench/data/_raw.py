"""The output of a data set component, and its checks."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_bench.errors import UserError

TRAIN, TEST = 0, 1
SPLITS = ("train", "test")


@dataclass(frozen=True)
class Raw:
    """Images of a data set before they are stored.

    images: (N, C, H, W), uint8 pixels, or float32 values in [-1, 1] for points.
    labels: (N,) int64, or None. If `describe` returns "labelled": False, they are not stored; the manifest only has the
        counts.
    split: (N,) uint8, 0 = train, 1 = test.
    classes: one name for each value of a label, in the order of the values; None without labels.
    facts: optional facts for the manifest. Some keys have a fixed meaning: "skipped" is [{"file", "reason"}], "rule" is
        a sentence on how pictures were converted to pixels, and "licence" and "source" replace those in FACTS.
    order: (N,) int64, indices of the rows in the order in which they are stored within each split; None for the given
        order.
    """

    images: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64] | None
    split: NDArray[np.uint8]
    classes: list[str] | None
    facts: dict[str, Any] = field(default_factory=dict)
    order: NDArray[np.int64] | None = None


def check(raw: Raw, name: str, shape: tuple[int, int, int], labelled: bool) -> None:
    """UserError if the output of a component's `build` is not valid or differs from its `describe`."""
    problems = [*_image_problems(raw, shape), *_label_problems(raw, labelled)]
    if problems:
        raise UserError(*(f"data set {name!r}: {problem}." for problem in problems))


def _image_problems(raw: Raw, shape: tuple[int, int, int]) -> list[str]:
    problems = []
    count = len(raw.images)
    if raw.images.dtype not in (np.uint8, np.float32) or raw.images.shape != (count, *shape):
        problems.append(
            f"build() gave images {raw.images.shape} {raw.images.dtype}, describe() promises (N, *{shape}) uint8 "
            "or float32"
        )
    elif raw.images.dtype == np.float32 and not (np.abs(raw.images) <= 1).all():
        problems.append("float32 values must lie in [-1, 1]")
    if raw.split.dtype != np.uint8 or raw.split.shape != (count,) or not np.isin(raw.split, (TRAIN, TEST)).all():
        problems.append(f"split must be ({count},) uint8 of 0 (train) and 1 (test), it is {raw.split.shape}")
    elif len(np.unique(raw.split)) < len(SPLITS):
        problems.append("a split is empty; at least one picture to train and one to test with are needed")
    if raw.order is not None and not np.array_equal(np.sort(raw.order), np.arange(count)):
        problems.append("order is not a permutation of the rows")
    return problems


def _label_problems(raw: Raw, labelled: bool) -> list[str]:
    if raw.labels is None:
        return ["describe() promises labels, build() gave none"] if labelled else []
    if raw.labels.dtype != np.int64 or raw.labels.shape != (len(raw.images),):
        return [f"labels must be ({len(raw.images)},) int64, they are {raw.labels.shape} {raw.labels.dtype}"]
    if raw.classes is None:
        return ["labels come without names of classes"]
    if len(raw.labels) and not 0 <= raw.labels.min() <= raw.labels.max() < len(raw.classes):
        return [f"labels run from {raw.labels.min()} to {raw.labels.max()}, there are {len(raw.classes)} classes"]
    return []
