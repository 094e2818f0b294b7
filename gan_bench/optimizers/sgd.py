"""Stochastic gradient descent, optionally with heavy-ball momentum."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

FACTS = {
    "paper": "Robbins & Monro 1951, A Stochastic Approximation Method, Annals of Mathematical Statistics 22(3); "
    "momentum: Polyak 1964, USSR Computational Mathematics and Mathematical Physics 4(5)",
    "settings": {
        "lr": {"type": "float", "default": 0.01, "above": 0, "max": 1e38, "help": "learning rate"},
        "momentum": {"type": "float", "default": 0.0, "min": 0, "below": 1, "help": "factor of the previous step"},
    },
    "deviations": [
        "Momentum as in PyTorch: v <- momentum * v + gradient, parameter <- parameter - lr * v; the first v is the "
        "first gradient.",
    ],
    "elementwise": True,
}


def build(parameters: Sequence[Tensor], settings: Mapping[str, Any]) -> torch.optim.Optimizer:
    """SGD without weight decay and without dampening."""
    return torch.optim.SGD(parameters, lr=settings["lr"], momentum=settings["momentum"])
