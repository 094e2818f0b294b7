"""Adam: steps scaled by running means of the gradient and of its square."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

FACTS = {
    "paper": "Kingma & Ba 2015, Adam: A Method for Stochastic Optimization, Algorithm 1 (arXiv:1412.6980); defaults "
    "for GANs: Radford et al. 2016, section 4 (arXiv:1511.06434)",
    "settings": {
        "lr": {"type": "float", "default": 2e-4, "above": 0, "max": 1e38, "help": "learning rate (alpha in the paper)"},
        "beta1": {"type": "float", "default": 0.5, "min": 0, "below": 1, "help": "decay of the mean gradient"},
        "beta2": {"type": "float", "default": 0.999, "min": 0, "below": 1, "help": "decay of the mean square"},
        "eps": {"type": "float", "default": 1e-8, "above": 0, "help": "added to the root of the mean square"},
    },
    "deviations": [],
    "elementwise": True,
}


def build(parameters: Sequence[Tensor], settings: Mapping[str, Any]) -> torch.optim.Optimizer:
    """Adam with bias correction as in the paper, without weight decay and without AMSGrad.

    The fused implementation makes a single pass over memory. On a CPU it is several times as fast as PyTorch's default
    and gives the same steps up to rounding.
    """
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.Adam(parameters, lr=settings["lr"], betas=betas, eps=settings["eps"], fused=True)
