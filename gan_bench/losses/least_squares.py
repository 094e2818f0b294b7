"""Least-squares loss (LSGAN): squared distance of D's raw output from targets for real and generated images."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS = {
    "paper": "Mao et al. 2017, Least Squares Generative Adversarial Networks, equations 2 and 9 (arXiv:1611.04076)",
    "settings": {
        "a": {"type": "float", "default": 0.0, "help": "code of generated images in D's loss"},
        "b": {"type": "float", "default": 1.0, "help": "code of real images in D's loss"},
        "c": {"type": "float", "default": 1.0, "help": "code that G wants D to give to generated images"},
    },
    "deviations": [
        "The factor 1/2 of the paper's equations is left out: losses and gradients are twice the paper's, and the "
        "losses at equilibrium are 0.5 for D and 0.25 for G. Plain SGD with half the paper's learning rate makes the "
        "same steps.",
    ],
    "aliases": ["lsgan", "ls"],
    "family": "least_squares",
    "output": "raw",
    "threshold": 0.5,
    "equilibrium": {"d_loss": 0.5, "g_loss": 0.25},
    "belief": "square",
    "halves": "squares",
}


def discriminator(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Raw outputs (B,) -> (mean of (D(x) - b)^2, mean of (D(G(z)) - a)^2)."""
    return (real - settings["b"]).square().mean(), (fake - settings["a"]).square().mean()


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """Raw outputs (B,) -> mean of (D(G(z)) - c)^2."""
    return (fake - settings["c"]).square().mean()


def equilibrium(settings: Mapping[str, Any]) -> dict[str, float]:
    """Losses if p_g = p_data: by equation 5 of the paper, D = (a + b) / 2 everywhere."""
    a, b, c = settings["a"], settings["b"], settings["c"]
    return {"d_loss": (b - a) ** 2 / 2, "g_loss": ((a + b) / 2 - c) ** 2}


def threshold(settings: Mapping[str, Any]) -> float:
    """Halfway between D's targets for real and for generated images."""
    return (settings["a"] + settings["b"]) / 2
