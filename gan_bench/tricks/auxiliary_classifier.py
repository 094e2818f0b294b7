"""Auxiliary classifier (ACGAN): D names the class of every image too, and G is asked for images of a class."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Odena, Olah & Shlens 2017, Conditional Image Synthesis with Auxiliary Classifier GANs, equations 2 and 3 "
    "(arXiv:1610.09585)",
    "settings": {
        "weight": {"type": "float", "default": 1.0, "min": 0, "help": "factor of the class term in both objectives"},
    },
    "deviations": [],
    "needs_labels": True,
    "conditions": True,
}


def head_width(scene: Scene, settings: Mapping[str, Any]) -> int:
    """A score for each class."""
    return scene.classes


def auxiliary(
    head: Tensor, classes: Tensor | None, codes: Tensor | None, real: bool, settings: Mapping[str, Any]
) -> Tensor | None:
    """weight * cross-entropy of scores (B, K) with the one-hot classes (B, K): true ones of real images, asked ones of
    generated images. D's objective holds both terms (L_C), G's the second."""
    assert classes is not None
    return -settings["weight"] * (classes * torch.log_softmax(head, dim=1)).sum(dim=1).mean()
