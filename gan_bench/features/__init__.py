"""Extractors map images to feature spaces, in which metrics are computed. Here is what an extractor must define.

An extractor is a file of this folder. Besides the keys that all components declare, its `FACTS` hold

    "needs_labels": bool        whether `fit` reads the labels of the data set
    "probabilities": bool       whether `extract` gives class probabilities
    "modes": bool               optional: whether `extract` returns the mode of the data that each image belongs to
    "fitted": bool              optional: whether `fit` reads pictures; default True
    "needs_file": str           optional: what must be fetched before the extractor works
    "package": str              optional: Python package that contains the weights

An extractor has two functions:

    fit(data, settings, seed) -> (weights, report)
        data: gan_bench.data.DataSet (or an object with the same `images`, `labels`, `shape`, `classes` and `name`).
        weights: {name: Tensor}; they depend only on the train split, the settings and the seed.
        report: facts of the fit as JSON, without times; it has the key "test_accuracy" if the extractor learns the
            data's labels.
    extract(weights, images, settings, batch_size=256) -> Features
        images: (N, C, H, W) uint8, or float32 points. `batch_size` may change features only by rounding.

The folder `reference` and files whose name starts with an underscore are not extractors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Features:
    """A set of N images as points in a feature space.

    features: (N, D), float32 from an extractor. A user's float64 features stay float64.
    log_probs: (N, K) float64, natural logarithms of class probabilities, if the extractor classifies. -inf is the
        logarithm of a probability of zero.
    modes: (N,) int64, index of each image's mode in the data, from 0 to `n_modes` - 1; -1 if the image belongs to no
        mode.
    nearest: (N,) int64, index of the mode with the nearest centre, also for images too far away to belong to a mode.
        None if it equals `modes`.
    images: (N, C, H, W), the images themselves, if a metric needs them.
    """

    features: np.ndarray
    log_probs: np.ndarray | None = None
    modes: np.ndarray | None = None
    n_modes: int = 0
    nearest: np.ndarray | None = None
    images: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.features.ndim != 2:
            raise ValueError(f"features have shape {self.features.shape}; (N, D) is needed")
        if self.log_probs is not None and (self.log_probs.ndim != 2 or len(self.log_probs) != len(self.features)):
            raise ValueError(f"log_probs have shape {self.log_probs.shape} beside features {self.features.shape}")
        if self.images is not None and len(self.images) != len(self.features):
            raise ValueError(f"images have shape {self.images.shape} beside features {self.features.shape}")
        for name, numbers in (("modes", self.modes), ("nearest", self.nearest)):
            if numbers is not None and numbers.shape != (len(self.features),):
                raise ValueError(f"{name} have shape {numbers.shape} beside features {self.features.shape}")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def dim(self) -> int:
        """Number of features D."""
        return int(self.features.shape[1])

    @property
    def mode_use(self) -> np.ndarray | None:
        """Number of images of each mode (n_modes,); None if there are no modes.

        If `nearest` is given, every image counts for its nearest mode, even if it belongs to no mode.
        """
        if self.modes is None:
            return None
        numbers = self.modes if self.nearest is None else self.nearest
        return np.bincount(numbers[numbers >= 0], minlength=self.n_modes).astype(np.float64)

    def take(self, rows: np.ndarray) -> "Features":
        """The features of the images at the indices `rows`, in the order of `rows`."""
        parts = (self.log_probs, self.modes, self.nearest, self.images)
        log_probs, modes, nearest, images = (None if part is None else part[rows] for part in parts)
        return Features(self.features[rows], log_probs, modes, self.n_modes, nearest, images)


def extractor_label(name: str, dim: int, report: Mapping[str, Any], data_name: str) -> str:
    """Text that describes an extractor in tables: its name, data set, and test accuracy or dimension."""
    accuracy = report.get("test_accuracy")
    detail = f"{dim}-d" if accuracy is None else f"{100 * accuracy:.1f} % test accuracy"
    return f"{name} ({data_name}, {detail})"
