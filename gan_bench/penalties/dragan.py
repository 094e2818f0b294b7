"""DRAGAN: pulls the norm of the discriminator's input gradient towards 1 around real images."""

import numpy as np
from torch import Tensor

from gan_bench.penalties._gradient import Critic, Draws, Settings, centred_norms

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
        "The neighbourhood is that of the authors' code: x + scale * sd * u. u is uniform in [0, 1) for each value of "
        "an image, and sd is the standard deviation of all values of the minibatch.",
        "The gradient is of the logit; some implementations use the gradient of the probability.",
    ],
    "per_sample_critic": True,
}


def draw(
    rng: np.random.Generator, batch: int, shape: tuple[int, int, int], settings: Settings
) -> dict[str, np.ndarray]:
    """{"noise": u ~ U[0, 1) for every value, (batch, C, H, W) float32}."""
    return {"noise": rng.random((batch, *shape), dtype=np.float32)}


def penalty(critic: Critic, real: Tensor, fake: Tensor, draws: Draws, settings: Settings) -> Tensor:
    """weight * mean over images of (|grad D(x)| - centre)^2 at x = real + scale * sd * u.

    sd is the standard deviation of all values of the real minibatch, and u is the noise of `draw`. The norm is over all
    values of an image. If the norm is 0, its subgradient 0 is used.
    """
    real = real.detach()
    around = real + settings["scale"] * real.std(correction=0) * draws["noise"]
    return centred_norms(critic, around, settings)
