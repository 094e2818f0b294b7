"""Total variation: D separates mean tanh(logit) of real and generated images; G raises that of generated images."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Nowozin, Cseke & Tomioka 2016, f-GAN, table 6 (arXiv:1606.00709)",
    "references": {
        "1606.00709": {
            "author": "Nowozin, Sebastian and Cseke, Botond and Tomioka, Ryota",
            "title": "f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization",
            "year": 2016,
            "booktitle": "Advances in Neural Information Processing Systems",
        }
    },
    "settings": {},
    "deviations": [],
    "family": "total_variation",
    "output": "raw",
    "equilibrium": None,
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Logits (B,) -> (-mean tanh(real) / 2, mean tanh(fake) / 2)."""
    return -real.tanh().mean() / 2, fake.tanh().mean() / 2


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Logits (B,) -> -mean tanh(fake) / 2."""
    return -fake.tanh().mean() / 2
