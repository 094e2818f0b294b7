"""Swapped labels: D's target is 1 for generated and 0 for real images; nothing else changes."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN? (advice without a paper)",
    "settings": {},
    "deviations": [
        "Only the sign of D's output changes. So a run with this trick differs from a run without it only as by other "
        "initial weights of D's last layer, and a comparison shows whether the advice has any further effect.",
    ],
    "excludes": ["non_saturating_g"],
}


def logits(logits: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Negate D's outputs (B,), because the loss expects higher values for real images."""
    return -logits
