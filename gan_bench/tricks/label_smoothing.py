"""Label smoothing: D's target is near 1 for real images and, in the two-sided form, near 0 for generated images."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "one-sided: Salimans et al. 2016, Improved Techniques for Training GANs, section 3.4 (arXiv:1606.03498); "
    "ranges: Chintala et al. 2016, How to Train a GAN?, item 6",
    "settings": {
        "real_low": {"type": "float", "default": 0.7, "min": 0, "max": 2, "help": "least target of a real image"},
        "real_high": {"type": "float", "default": 1.2, "min": 0, "max": 2, "help": "largest target of a real image"},
        "fake_low": {"type": "float", "default": 0.0, "min": -1, "max": 1, "help": "least target of a generated image"},
        "fake_high": {
            "type": "float",
            "default": 0.0,
            "min": -1,
            "max": 1,
            "help": "largest target of a generated image; 0 for one-sided smoothing; the usual two-sided advice is 0.3",
        },
    },
    "deviations": [],
    "mean_targets": {"real": {"real_low": 0.5, "real_high": 0.5}, "fake": {"fake_low": 0.5, "fake_high": 0.5}},
    "separable_loss": True,
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """One u ~ U[0, 1) for each of `batch` outputs: {"u": (batch,) float32}."""
    return {"u": rng.random(batch, dtype=np.float32)}


def targets(t: Tensor, draws: Mapping[str, Tensor], real: bool, settings: Mapping[str, Any]) -> Tensor:
    """Targets (B,), uniform from `real_low` to `real_high` where t = 1, and from `fake_low` to `fake_high` where t = 0.

    A label that another trick has flipped before stays flipped.
    """
    low = settings["fake_low"] + t * (settings["real_low"] - settings["fake_low"])
    high = settings["fake_high"] + t * (settings["real_high"] - settings["fake_high"])
    return low + (high - low) * draws["u"]
