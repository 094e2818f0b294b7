"""More D steps at the start and at regular intervals, as in the WGAN authors' code."""

from collections.abc import Mapping
from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN (arXiv:1701.07875); the schedule is that of the "
    "authors' code: 100 critic steps in each of the first 25 generator steps and in every 500th",
    "settings": {
        "steps": {
            "type": "int",
            "default": 100,
            "min": 1,
            "max": 10000,
            "help": "number of D steps before such a G step",
        },
        "first": {"type": "int", "default": 25, "min": 0, "help": "number of G steps at the start with more D steps"},
        "every": {
            "type": "int",
            "default": 500,
            "min": 0,
            "help": "interval in G steps at which a G step has more D steps; 0 for none after the start",
        },
    },
    "deviations": [],
    "d_steps": True,
}


def d_steps(step: int, base: int, settings: Mapping[str, Any]) -> int:
    """D steps before G step number `step`, counted from 0.

    The result is `steps` for the first `first` G steps, and for each step that `every` divides (if `every` is not 0).
    For other steps it is `base`.
    """
    every = settings["every"]
    return settings["steps"] if step < settings["first"] or (every and step % every == 0) else base
