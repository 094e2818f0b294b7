"""Two time scales: the learning rates of G and D are multiplied by different factors."""

from collections.abc import Mapping
from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium, "
    "section 2 (arXiv:1706.08500); the factors 1/2 and 2: Zhang et al. 2019, section 4 (arXiv:1805.08318), 1e-4 "
    "and 4e-4",
    "settings": {
        "g_factor": {"type": "float", "default": 0.5, "above": 0, "max": 1e6, "help": "multiplies G's learning rate"},
        "d_factor": {"type": "float", "default": 2.0, "above": 0, "max": 1e6, "help": "multiplies D's learning rate"},
    },
    "deviations": [],
}

Ref = Mapping[str, Any]


def optimizers(g_ref: Ref, d_ref: Ref, settings: Mapping[str, Any]) -> tuple[Ref, Ref]:
    """Optimizers of G and D, each with `lr` multiplied by the player's factor."""
    return {**g_ref, "lr": g_ref["lr"] * settings["g_factor"]}, {**d_ref, "lr": d_ref["lr"] * settings["d_factor"]}
