"""Adagrad: each step is divided by the root of the sum of all squared gradients so far."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

FACTS = {
    "paper": "Duchi, Hazan & Singer 2011, Adaptive Subgradient Methods, JMLR 12, figure 1",
    "settings": {
        "lr": {"type": "float", "default": 0.01, "above": 0, "max": 1e38, "help": "learning rate"},
        "fused": {"type": "bool", "default": False, "help": "whether a single kernel makes the step"},
    },
    "deviations": [],
}


def build(parameters: Sequence[Tensor], settings: Mapping[str, Any]) -> torch.optim.Optimizer:
    """Adagrad without decay of the learning rate."""
    return torch.optim.Adagrad(parameters, lr=settings["lr"], fused=settings["fused"] or None)
