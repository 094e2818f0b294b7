"""Packing: D judges m images together, so that it can detect that they are similar."""

from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Lin, Khetan, Fanti & Oh 2018, PacGAN: The power of two samples in generative adversarial networks, "
    "section 2 (arXiv:1712.04086)",
    "settings": {
        "m": {"type": "int", "default": 2, "min": 2, "max": 64, "help": "images that D judges together"},
    },
    "deviations": [
        "A minibatch of B images makes B / m packs: an image is counted once in the budget whatever m is. The authors' "
        "code shows D as many packs as its batch size, m times the images.",
    ],
    "packs": "m",
    "excludes": ["labels", "auxiliary_classifier", "mutual_information"],
}
