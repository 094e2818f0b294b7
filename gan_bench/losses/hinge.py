"""Hinge loss: D's loss is zero if real logits are above 1 and generated logits below -1; G maximises its logits."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import relu

FACTS: dict[str, Any] = {
    "paper": "Lim & Ye 2017, Geometric GAN, section 4 (arXiv:1705.02894); Miyato et al. 2018, Spectral Normalization "
    "for Generative Adversarial Networks, equations 16 and 17 (arXiv:1802.05957)",
    "settings": {},
    "deviations": [],
    "family": "hinge",
    "output": "raw",
    "threshold": 0.0,
    "equilibrium": {"d_loss": 2.0, "g_loss": 0.0},
    "belief": "linear",
    "halves": "margins",
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Raw outputs (B,) -> (mean of max(0, 1 - D(x)), mean of max(0, 1 + D(G(z)))).

    If p_g = p_data, the minimum of the sum is 2, and every constant D between -1 and 1 reaches it. For G's loss at
    equilibrium, FACTS assume D = 0, the middle of that range.
    """
    return relu(1 - real).mean(), relu(1 + fake).mean()


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Raw outputs (B,) -> -mean D(G(z))."""
    return -fake.mean()
