"""Minimax loss: D maximises log D(x) + log(1 - D(G(z))), G minimises the second term."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import logsigmoid

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, equation 1 and Algorithm 1 (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "aliases": ["mm"],
    "family": "minimax",
    "output": "sigmoid",
    "threshold": 0.0,
    "equilibrium": {"d_loss": 1.3862943611198906, "g_loss": -0.6931471805599453},
    "belief": "log_doubt",
    "halves": "cross_entropy",
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Logits (B,) -> (mean of -log D(x), mean of -log(1 - D(G(z)))); their sum is 2 ln 2 if D = 1/2."""
    return -logsigmoid(real).mean(), -logsigmoid(-fake).mean()


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Logits (B,) -> mean of log(1 - D(G(z))), never positive.

    The gradient vanishes if D rejects the images with confidence.
    """
    return logsigmoid(-fake).mean()
