"""Class labels for both players: G gets the class to generate, and D gets the class that the image should have."""

from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Mirza & Osindero 2014, Conditional Generative Adversarial Nets, section 3.2, equation 2 "
    "(arXiv:1411.1784); classes as additional planes of D's input: Radford et al.'s code for conditional digits",
    "settings": {},
    "deviations": [
        "In D's step, generated images have the same classes as the real images, so that a penalty between the two "
        "stays within a class. In G's step, classes are drawn uniformly.",
    ],
    "needs_labels": True,
    "conditions": True,
    "d_sees_labels": True,
}
