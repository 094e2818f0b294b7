"""Boundary equilibrium loss (BEGAN): reconstruction errors of an autoencoder D, balanced by a control variable k."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Berthelot, Schumm & Metz 2017, BEGAN: Boundary Equilibrium Generative Adversarial Networks, section 3.4 "
    "(arXiv:1703.10717)",
    "settings": {
        "gamma": {
            "type": "float",
            "default": 0.5,
            "above": 0,
            "max": 1,
            "help": "target of the diversity ratio E[L(G(z))] / E[L(x)]",
        },
        "lambda_k": {"type": "float", "default": 0.001, "above": 0, "max": 1, "help": "gain of the control of k"},
    },
    "deviations": [
        "k is updated with the errors of D's step; the paper uses the generated images of G's step.",
        "The model outputs minus the error L, so that higher means more real, as for all models.",
    ],
    "family": "began",
    "output": "raw",
    "threshold": "midpoint",
    "needs_output": "reconstruction",
    "state": {"k": 0.0},
    "equilibrium": None,
}


def discriminator(
    real: Tensor, fake: Tensor, settings: Mapping[str, Any], state: Mapping[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Minus reconstruction errors (B,) -> (mean L(x), -k * mean L(G(z))), where L is the reconstruction error."""
    return -real.mean(), state["k"] * fake.mean()


def generator(real: Tensor | None, fake: Tensor, settings: Mapping[str, Any], state: Mapping[str, Tensor]) -> Tensor:
    """Minus reconstruction errors (B,) -> mean L(G(z))."""
    return -fake.mean()


def update(state: Mapping[str, Tensor], real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> dict[str, Tensor]:
    """k <- k + lambda_k (gamma L(x) - L(G(z))), clipped to [0, 1]."""
    balance = fake.mean() - settings["gamma"] * real.mean()
    return {"k": (state["k"] + settings["lambda_k"] * balance).clamp(0, 1)}


def convergence(real: Tensor, fake: Tensor, settings: Mapping[str, Any]) -> Tensor:
    """The paper's measure M = L(x) + |gamma L(x) - L(G(z))|, a scalar, from minus reconstruction errors (B,)."""
    return -real.mean() + (fake.mean() - settings["gamma"] * real.mean()).abs()
