"""Swapped labels: D's target is 1 for generated and 0 for real images; the game is otherwise the same."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN? (advice without a paper of its own)",
    "settings": {},
    "deviations": [
        "Only the sign of D's output changes, so that a run differs from its twin by the draw of D's initial weights "
        "alone: what the advice is worth beyond that can be measured.",
    ],
    "excludes": ["non_saturating_g"],
}


def logits(logits: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Negate D's outputs (B,), which are higher for generated images: higher = more real for the loss."""
    return -logits
