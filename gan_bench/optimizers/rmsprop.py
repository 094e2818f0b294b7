"""RMSProp: steps scaled by a running mean of the squared gradient."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

FACTS = {
    "paper": "Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6.5; default learning rate: "
    "Arjovsky et al. 2017, Algorithm 1 (arXiv:1701.07875)",
    "settings": {
        "lr": {"type": "float", "default": 5e-5, "above": 0, "max": 1e38, "help": "learning rate"},
        "alpha": {"type": "float", "default": 0.99, "min": 0, "below": 1, "help": "decay of the mean square"},
        "eps": {"type": "float", "default": 1e-8, "above": 0, "help": "added to the root of the mean square"},
    },
    "deviations": [
        "The default decay is PyTorch's 0.99, as in the authors' code of WGAN; the lecture has 0.9.",
        "eps is added outside the root; the lecture does not say where it is added.",
    ],
    "elementwise": True,
}


def build(parameters: Sequence[Tensor], settings: Mapping[str, Any]) -> torch.optim.Optimizer:
    """RMSProp, not centred, without momentum and weight decay."""
    return torch.optim.RMSprop(parameters, lr=settings["lr"], alpha=settings["alpha"], eps=settings["eps"])
