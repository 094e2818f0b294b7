"""Weight clipping: after each critic step every parameter of the critic is clipped to [-clip, clip]."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

FACTS = {
    "paper": "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, Algorithm 1, line 7 (arXiv:1701.07875)",
    "settings": {
        "clip": {"type": "float", "default": 0.01, "above": 0, "help": "largest absolute value of a parameter"},
    },
    "deviations": [
        "As in Algorithm 1, weights are clipped after the step; the authors' code clips before it, so that its stored "
        "critic is outside the bounds.",
        "As in the authors' code, all parameters are clipped, including the gains of normalisation layers. The gains "
        "of batch norm, about 1 at first, are at the bound from the first step on.",
    ],
    "per_sample_critic": False,
}


def after_step(parameters: Sequence[Tensor], settings: Mapping[str, Any]) -> None:
    """Clip the tensors in place. NaN stays NaN; infinities are clipped."""
    with torch.no_grad():
        for parameter in parameters:
            parameter.clamp_(-settings["clip"], settings["clip"])
