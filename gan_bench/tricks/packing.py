"""Packing: D judges m images together, so that it can detect that they are similar."""

from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Lin, Khetan, Fanti & Oh 2018, PacGAN: The power of two samples in generative adversarial networks, "
    "section 2 (arXiv:1712.04086)",
    "settings": {
        "m": {"type": "int", "default": 2, "min": 2, "max": 64, "help": "number of images that D judges together"},
    },
    "deviations": [
        "A minibatch of B images is divided into B / m packs, so each image counts once in the budget for any m. The "
        "authors' code gives D as many packs as the batch size, which is m times as many images.",
    ],
    "packs": "m",
    "excludes": ["labels", "auxiliary_classifier", "mutual_information"],
}
