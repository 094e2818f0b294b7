"""A digit classifier, applied to each channel of stacked digits. The three digits give one of 1,000 modes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.features import Features, classifier

FACTS: dict[str, Any] = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4.2 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4.2 "
    "(arXiv:1712.04086)",
    "settings": {
        "width": {
            "type": "int",
            "default": 24,
            "min": 1,
            "help": "channels of the first convolution",
        },
        "dim": {"type": "int", "default": 64, "min": 2, "help": "features of each digit"},
        "pictures": {
            "type": "int",
            "default": 20000,
            "min": 10,
            "help": "training pictures to learn from",
        },
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of initial weights and data order"},
    },
    "deviations": ["Every picture belongs to a mode, the likeliest digit of each channel, however poor it is."],
    "needs_labels": True,
    "probabilities": False,
    "modes": True,
}

DIGITS = 10
#: Those settings of `classifier` that this extractor does not offer, with their defaults.
RECIPE: dict[str, Any] = {
    name: field["default"] for name, field in classifier.FACTS["settings"].items() if name not in FACTS["settings"]
}


@dataclass(frozen=True)
class _Digits:
    """Single digits, as a data set that `classifier.fit` can read."""

    name: str
    parts: dict[str, tuple[np.ndarray, np.ndarray]]

    def images(self, split: str) -> np.ndarray:
        return self.parts[split][0]

    def labels(self, split: str) -> np.ndarray:
        return self.parts[split][1]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.parts["train"][0].shape[1:]

    @property
    def classes(self) -> list[str]:
        return [str(k) for k in range(DIGITS)]


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Train on the single digits of the training pictures. UserError if the data set has no stacked digits."""
    if not data.classes or len(data.classes) != DIGITS**3 or data.shape[0] != 3:
        raise UserError(f"features: stacked_classifier needs three stacked digits; data set {data.name!r} has none.")
    parts = {split: _single(data, split, settings["pictures"]) for split in ("train", "test")}
    weights, report = classifier.fit(_Digits(data.name, parts), {**RECIPE, **settings}, seed)
    return weights, {**report, "n_modes": DIGITS**3}


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, 3 * dim) float32 of uint8 pictures (N, 3, H, W). The digits form the mode: 0 to 999."""
    known = {**RECIPE, **settings}
    parts = [classifier.extract(weights, images[:, k : k + 1], known, batch_size) for k in range(3)]
    digits = np.stack([part.log_probs.argmax(axis=1) for part in parts if part.log_probs is not None], axis=1)
    modes = digits @ np.array([100, 10, 1])
    return Features(np.concatenate([part.features for part in parts], axis=1), None, modes.astype(np.int64), DIGITS**3)


def _single(data: Any, split: str, pictures: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits (3n, 1, H, W) of the first n = `pictures` pictures of a split, and their labels (3n,) from 0 to 9."""
    images, labels = np.asarray(data.images(split)[:pictures]), np.asarray(data.labels(split)[:pictures])
    digits = np.stack([labels // 100, labels // 10 % 10, labels % 10], axis=1)
    return images.reshape(-1, 1, *images.shape[2:]), digits.reshape(-1)
