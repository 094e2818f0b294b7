"""Relativistic pairing loss: D compares the logit of each real image with the logit of a generated image."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import softplus

FACTS: dict[str, Any] = {
    "paper": "Jolicoeur-Martineau 2018, The relativistic discriminator, section 4.1 (arXiv:1807.00734); Huang et al. "
    "2024, The GAN is dead; long live the GAN! A Modern GAN Baseline, section 2.1 (arXiv:2501.05441)",
    "settings": {},
    "deviations": ["D's loss is one term; `discriminator` returns half of it twice, so the sum is the paper's loss."],
    "family": "relativistic",
    "output": "raw",
    "threshold": "midpoint",
    "generator_needs_real": True,
    "separable": False,
    "equilibrium": {"d_loss": 0.6931471805599453, "g_loss": 0.6931471805599453},
    "belief": "minus_log",
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Logits (B,), paired by position -> two equal halves of the mean of log(1 + exp(-(D(x) - D(G(z)))))."""
    half = softplus(fake - real).mean() / 2
    return half, half


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Logits (B,), paired by position -> mean of log(1 + exp(-(D(G(z)) - D(x))))."""
    assert real is not None
    return softplus(real - fake).mean()
