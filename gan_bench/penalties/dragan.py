"""DRAGAN: the discriminator's input gradient has norm 1 around real images."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

FACTS = {
    "paper": "Kodali et al. 2017, On Convergence and Stability of GANs, section 2.3 and Algorithm 1 (arXiv:1705.07215)",
    "settings": {
        "weight": {"type": "float", "default": 10.0, "min": 0, "help": "factor of the penalty (lambda)"},
        "centre": {"type": "float", "default": 1.0, "min": 0, "help": "target norm of the gradient (k)"},
        "scale": {
            "type": "float",
            "default": 0.5,
            "above": 0,
            "help": "width of the neighbourhood, in standard deviations of the minibatch's values",
        },
    },
    "deviations": [
        "The neighbourhood is that of the authors' code: x + scale * sd * u with u uniform in [0, 1) for each value of "
        "an image and sd that of all values of the minibatch.",
        "The gradient is that of the logit; some implementations take the probability's.",
    ],
    "per_sample_critic": True,
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """{"noise": u ~ U[0, 1) for every value, (batch, C, H, W) float32}."""
    return {"noise": rng.random((batch, *shape), dtype=np.float32)}


def penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    draws: Mapping[str, Tensor],
    settings: Mapping[str, Any],
) -> Tensor:
    """weight * mean over images of (|grad D(x)| - centre)^2 at x = real + scale * sd * u.

    The norm is over all values of an image. Its subgradient is zero where the norm is zero.
    """
    real = real.detach()
    around = real + settings["scale"] * real.std(correction=0) * draws["noise"]
    gradient = torch.func.grad(lambda images: critic(images).sum())(around)
    norm = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return settings["weight"] * (norm - settings["centre"]).square().mean()
