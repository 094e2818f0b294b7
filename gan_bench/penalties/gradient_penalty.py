"""Gradient penalty (WGAN-GP): the critic's input gradient has norm 1 between real and generated images."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

FACTS = {
    "paper": "Gulrajani et al. 2017, Improved Training of Wasserstein GANs, equation 3 and Algorithm 1 "
    "(arXiv:1704.00028)",
    "settings": {
        "weight": {"type": "float", "default": 10.0, "min": 0, "help": "factor of the penalty (lambda)"},
        "centre": {"type": "float", "default": 1.0, "min": 0, "help": "target norm of the gradient"},
    },
    "deviations": [],
    "per_sample_critic": True,
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """One epsilon ~ U[0, 1) for each of `batch` images: {"epsilon": (batch, 1, 1, 1) float32}."""
    return {"epsilon": rng.random((batch, 1, 1, 1), dtype=np.float32)}


def penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    draws: Mapping[str, Tensor],
    settings: Mapping[str, Any],
) -> Tensor:
    """weight * mean over images of (|grad f(x)| - centre)^2 at x = epsilon * real + (1 - epsilon) * fake.

    The norm is over all pixels and channels of an image. No epsilon is added under its root, since that would shift the
    norm: its subgradient is zero where the gradient is zero. The images are constants, so no gradient reaches G.
    """
    epsilon = draws["epsilon"]
    between = (epsilon * real + (1 - epsilon) * fake).detach()
    # Each logit depends on a single image, so the gradient of the sum consists of the gradients of all logits.
    gradient = torch.func.grad(lambda images: critic(images).sum())(between)
    norm = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return settings["weight"] * (norm - settings["centre"]).square().mean()
