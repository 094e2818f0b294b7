"""Wasserstein loss: the critic's mean on generated images minus its mean on real images; needs a Lipschitz critic."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN, equation 2 and Algorithm 1 (arXiv:1701.07875)",
    "settings": {},
    "deviations": [],
    "aliases": ["wgan", "wgangp", "wgan_gp"],
    "family": "wasserstein",
    "output": "raw",
    "threshold": "midpoint",
    "equilibrium": None,
    "belief": "gap",
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Critic values (B,) -> (-mean f(x), mean f(G(z))); minus their sum estimates K times the Wasserstein distance.

    K is the critic's Lipschitz constant: near 1 with a gradient penalty, unknown with weight clipping.
    """
    return -real.mean(), fake.mean()


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Critic values (B,) -> -mean f(G(z)).

    Its level means nothing, because f is determined only up to an additive constant.
    """
    return -fake.mean()
