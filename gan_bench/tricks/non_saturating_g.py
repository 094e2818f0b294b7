"""Labels flipped for G: the generator minimises the part of D's loss for real images, computed on generated images."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, section 3 (arXiv:1406.2661); the advice 'flip "
    "labels when training generator': Chintala et al. 2016, How to Train a GAN?, item 2",
    "settings": {},
    "deviations": [],
    "generator_minimises": "real_half",
    "separable_loss": True,
    "excludes": ["swapped_labels"],
}


def generator_loss(loss: Any, real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """The real half of D's loss on the logits (B,) of generated images; for minimax this is the non-saturating loss."""
    half: Tensor = loss.discriminator(fake, fake)[0]
    return half
