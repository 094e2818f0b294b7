"""Modes for images without labels: the clusters (bins) that k-means finds among the training images.

Centres come from k-means++ and Lloyd's steps on max(`pictures`, k) training images, or on all if there are fewer.
Distances and features are those of the space that the settings name: pixels, or `random_conv`. Every image belongs to
the bin with the nearest centre. The shares of the bins show which bins a generator left out, but not whether an image
is good. The same data, settings and number of threads give the same bytes.
"""

from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.features import Features, pixels, random_conv
from gan_bench.seeds import generator

FACTS: dict[str, Any] = {
    "paper": "Richardson & Weiss 2018, On GANs and GMMs, section 3: number of statistically different bins "
    "(arXiv:1805.12462); starts: Arthur & Vassilvitskii 2007, k-means++",
    "settings": {
        "k": {"type": "int", "default": 12, "min": 2, "help": "bins"},
        "space": {
            "type": "str",
            "default": "random_conv",
            "choices": ["pixels", "random_conv"],
            "help": "where distances are taken: pixels, as in the paper, or features of an untrained network",
        },
        "pictures": {"type": "int", "default": 20000, "min": 2, "help": "training images that the centres come from"},
        "starts": {"type": "int", "default": 5, "min": 1, "help": "tries, of which the closest fit is kept"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the tries and of the network"},
    },
    "deviations": [
        "The paper has pixels and 100 bins for 80 000 pictures or more; the default here is for hundreds.",
        "A try ends when no image changes its bin or after 100 steps; a bin that runs empty keeps its centre.",
    ],
    "needs_labels": False,
    "probabilities": False,
    "modes": True,
}

SPACES: dict[str, ModuleType] = {"pixels": pixels, "random_conv": random_conv}
STEPS = 100


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Weights of the space with the centres (k, D) added, and the report.

    UserError if k is larger than the number of training images.
    """
    images, k = data.images("train"), settings["k"]
    if len(images) < k:
        raise UserError(f"features: kmeans needs {k} training images for k = {k}; data set {data.name!r} has fewer.")
    weights, report = SPACES[settings["space"]].fit(data, _inner(settings), seed)
    rng = generator(seed, "data").spawn(1)[0]
    rows = np.sort(rng.permutation(len(images))[: max(settings["pictures"], k)])
    points = _points(weights, images[rows], settings).double()
    tries = [_lloyd(points, _starts(points, k, rng)) for _ in range(settings["starts"])]
    centres = min(tries, key=lambda attempt: attempt[1])[0]
    shares = torch.bincount(_nearest(points, centres)[0], minlength=k).double() / len(points)
    return {**weights, "centres": centres.float()}, {**report, "n_modes": k, "smallest_bin": float(shares.min())}


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, D) float32 in the chosen space, and the bin of each image."""
    points = _points(weights, images, settings, batch_size)
    modes = _nearest(points.double(), weights["centres"].double())[0]
    return Features(points.numpy(), None, modes.numpy(), len(weights["centres"]))


def _inner(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings for the extractor of the space: its defaults, but with the setting `seed` of kmeans."""
    declared: dict[str, Any] = SPACES[settings["space"]].FACTS["settings"]
    defaults = {name: field["default"] for name, field in declared.items()}
    return {**defaults, "seed": settings["seed"]} if "seed" in defaults else defaults


def _points(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch: int = 256) -> Tensor:
    inner = {name: value for name, value in weights.items() if name != "centres"}
    points: Features = SPACES[settings["space"]].extract(inner, images, _inner(settings), batch)
    return torch.from_numpy(points.features)


def _nearest(points: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Index of the nearest centre (N,) for points (N, D), and squared distance to it, float64.

    Of several equally near centres, the first is taken.
    """
    squared = points.square().sum(1)[:, None] - 2 * points @ centres.T + centres.square().sum(1)
    least, which = squared.min(dim=1)
    return which, least.clamp(min=0)


def _starts(points: Tensor, k: int, rng: np.random.Generator) -> Tensor:
    """Initial centres by k-means++.

    Each centre is one of the points. The first centre is drawn uniformly. For each further centre, the probability of a
    point is proportional to its squared distance to the nearest centre chosen so far.
    """
    chosen = [int(rng.integers(len(points)))]
    while len(chosen) < k:
        weight = np.cumsum(_nearest(points, points[chosen])[1].numpy())
        # If every point is at a centre already, the first point is chosen.
        place = rng.random() * weight[-1] if weight[-1] > 0 else -1.0
        chosen.append(int(min(np.searchsorted(weight, place, side="right"), len(points) - 1)))
    return points[chosen].clone()


def _lloyd(points: Tensor, centres: Tensor) -> tuple[Tensor, float]:
    """Centres after at most STEPS of Lloyd's steps, and the mean squared distance to them at the last assignment."""
    before = torch.full((len(points),), -1)
    for _ in range(STEPS):
        now, squared = _nearest(points, centres)
        if torch.equal(now, before):
            break
        counts = torch.bincount(now, minlength=len(centres)).double()
        sums = torch.zeros_like(centres).index_add_(0, now, points)
        centres = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], centres)
        before = now
    return centres, float(squared.mean())
