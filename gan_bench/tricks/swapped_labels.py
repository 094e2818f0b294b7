"""Swapped labels: D's target is 1 for generated and 0 for real images; nothing else changes."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN? (advice without a paper)",
    "settings": {},
    "deviations": [
        "Only the sign of D's output changes, which is equivalent to another draw of D's initial weights. So a "
        "comparison with a run without this trick shows whether the advice has any other effect.",
    ],
    "excludes": ["non_saturating_g"],
}


def logits(logits: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Negate D's outputs (B,), because the loss expects higher values for real images."""
    return -logits
