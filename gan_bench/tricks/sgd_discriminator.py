"""SGD for D; G keeps its optimizer."""

from collections.abc import Mapping
from typing import Any

from gan_bench.optimizers import sgd

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN?, item 9 ('use SGD for discriminator and ADAM for generator')",
    "settings": {
        "lr": {"type": "float", "default": 0.01, "above": 0, "max": 1e38, "help": "learning rate of D"},
        "momentum": {"type": "float", "default": 0.0, "min": 0, "below": 1, "help": "factor of D's previous step"},
    },
    "deviations": [],
}

Ref = Mapping[str, Any]


def optimizers(g_ref: Ref, d_ref: Ref, settings: Mapping[str, Any]) -> tuple[Ref, Ref]:
    """Optimizers of G and D: G's optimizer is not changed, D's is SGD."""
    name = sgd.__name__.rpartition(".")[2]
    return g_ref, {"name": name, "lr": settings["lr"], "momentum": settings["momentum"]}
