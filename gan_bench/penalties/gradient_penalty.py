"""Gradient penalty (WGAN-GP): pulls the norm of the critic's input gradient towards 1 between real and fake images."""

import numpy as np
from torch import Tensor

from gan_bench.penalties._gradient import Critic, Draws, Settings, centred_norms

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
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Settings
) -> dict[str, np.ndarray]:
    """One epsilon ~ U[0, 1) for each of `batch` images: {"epsilon": (batch, 1, 1, 1) float32}."""
    return {"epsilon": rng.random((batch, 1, 1, 1), dtype=np.float32)}


def penalty(critic: Critic, real: Tensor, fake: Tensor, draws: Draws, settings: Settings) -> Tensor:
    """weight * mean over images of (|grad f(x)| - centre)^2 at x = epsilon * real + (1 - epsilon) * fake.

    The norm is over all pixels and channels of an image. No small number is added under the root, because that would
    change the norm; if the norm is 0, its subgradient 0 is used. The images are constants, so no gradient reaches G.
    """
    epsilon = draws["epsilon"]
    between = (epsilon * real + (1 - epsilon) * fake).detach()
    return centred_norms(critic, between, settings)
