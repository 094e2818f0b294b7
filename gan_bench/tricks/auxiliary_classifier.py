"""Auxiliary classifier (ACGAN): D also predicts the class of each image, and G generates images of a given class."""

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
    """Number of classes: D has one class logit for each."""
    return scene.classes


def auxiliary(
    head: Tensor, classes: Tensor | None, codes: Tensor | None, real: bool, settings: Mapping[str, Any]
) -> Tensor | None:
    """weight * cross-entropy of class logits (B, K) with one-hot classes (B, K), a scalar.

    The classes of real images are their labels. The classes of generated images are those given to G. D's objective has
    the terms of real and of generated images (the paper's L_C). G's objective has only the term of generated images.
    """
    assert classes is not None
    return -settings["weight"] * (classes * torch.log_softmax(head, dim=1)).sum(dim=1).mean()
