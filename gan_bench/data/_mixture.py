"""Mixtures of Gaussians in the plane: points whose modes are known exactly."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gan_bench.data import Raw


def describe(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Shape (2, 1, 1), labelled: a point is stored as an image of two channels and one pixel; its mode is its label."""
    return {"shape": (2, 1, 1), "labelled": True}


def build(centres: np.ndarray, settings: Mapping[str, Any], scale: float, rule: str) -> Raw:
    """n_train + n_test points: each is (centre of a uniformly drawn mode + sd * N(0, I)) / `scale`.

    `centres`: (K, 2). Coordinates outside [-1, 1] are clipped; they are rare. The manifest's facts hold centres and sd
    after the division. `rule`: a sentence on the positions of the modes, for the manifest.
    """
    rng = np.random.default_rng(settings["seed"])
    n = settings["n_train"] + settings["n_test"]
    labels = rng.integers(len(centres), size=n)
    points = (centres[labels] + settings["sd"] * rng.standard_normal((n, 2))) / scale
    split = np.repeat(np.arange(2, dtype=np.uint8), [settings["n_train"], settings["n_test"]])
    return Raw(
        images=np.clip(points, -1, 1).astype(np.float32).reshape(n, 2, 1, 1),
        labels=labels.astype(np.int64),
        split=split,
        classes=[str(k) for k in range(len(centres))],
        facts={
            "rule": f"{rule} Points are divided by {scale:g}, and then clipped to [-1, 1].",
            "scale": scale,
            "modes": {"centres": (centres / scale).tolist(), "sd": settings["sd"] / scale},
        },
    )
