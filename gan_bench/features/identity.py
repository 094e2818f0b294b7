"""Features of points are their coordinates. If the data set is a mixture, each point also gets its mode."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.errors import UserError
from gan_bench.features import Features

FACTS = {
    "paper": "none needed: distances of points are those of the plane. A point within 3 standard deviations of a "
    "mode is of "
    "it: Srivastava et al. 2017, VEEGAN, section 4.1 (arXiv:1705.07761)",
    "settings": {
        "within": {
            "type": "float",
            "default": 3.0,
            "above": 0,
            "unit": "standard deviations",
            "help": "distance from its nearest mode up to which a point belongs to it",
        },
    },
    "deviations": [],
    "needs_labels": False,
    "fitted": False,
    "probabilities": False,
    "modes": True,
}

#: Images with more values than this count as pictures, not as points.
MOST_VALUES = 16


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Centres and standard deviation of the modes, if the data set is a mixture. UserError for pictures."""
    if int(np.prod(data.shape)) > MOST_VALUES:
        raise UserError(f"features: identity is for points and data set {data.name!r} holds pictures; use pixels.")
    modes = getattr(data, "manifest", {}).get("facts", {}).get("modes")
    report = {"n_train": len(data.images("train")), "n_modes": len(modes["centres"]) if modes else 0}
    if modes is None:
        return {}, report
    weights = {
        "centres": torch.tensor(modes["centres"], dtype=torch.float64),
        "sd": torch.tensor(modes["sd"], dtype=torch.float64),
    }
    return weights, report


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, C*H*W) float32. If the data set is a mixture, also the mode of each point, or -1 if it has none."""
    points = np.ascontiguousarray(to_unit(images).reshape(len(images), -1), dtype=np.float32)
    if "centres" not in weights:
        return Features(points)
    centres, reach = weights["centres"].numpy(), settings["within"] * float(weights["sd"])
    distance = np.sqrt(np.square(points[:, None].astype(np.float64) - centres[None]).sum(axis=2))
    nearest = distance.argmin(axis=1)
    modes = np.where(distance.min(axis=1) <= reach, nearest, -1).astype(np.int64)
    return Features(points, None, modes, len(centres), nearest.astype(np.int64))
