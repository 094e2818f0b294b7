"""Non-saturating loss: D as in the minimax game, G minimises -log D(G(z))."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn.functional import logsigmoid

from gan_bench.losses.minimax import discriminator

__all__ = ["FACTS", "discriminator", "generator"]

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, section 3, last paragraph: 'maximize "
    "log D(G(z))' (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "aliases": ["ns", "nsgan"],
    "family": "non_saturating",
    "output": "sigmoid",
    "threshold": 0.0,
    "equilibrium": {"d_loss": 1.3862943611198906, "g_loss": 0.6931471805599453},
    "belief": "minus_log",
    "halves": "cross_entropy",
}


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Logits (B,) -> mean of -log D(G(z)). Its slope in the logit is near -1 if D rejects the image with confidence."""
    return -logsigmoid(fake).mean()
