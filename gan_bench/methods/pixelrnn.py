"""PixelRNN (row LSTM): the likelihood of an image as a product over its pixels, by a recurrence over its rows."""

from functools import partial
from typing import Any

from gan_bench.methods import Setup
from gan_bench.methods._autoregressive import AutoregressiveProgram
from gan_bench.methods._row_lstm import RowLstmTrunk

FACTS: dict[str, Any] = {
    "paper": "van den Oord, Kalchbrenner & Kavukcuoglu 2016, Pixel Recurrent Neural Networks, section 3.1 "
    "(arXiv:1601.06759)",
    "settings": {
        "width": {"type": "int", "default": 32, "min": 1, "max": 4096, "unit": "channels", "help": "states of a pixel"},
        "layers": {"type": "int", "default": 2, "min": 1, "max": 100, "help": "row LSTM layers"},
        "levels": {
            "type": "int",
            "default": 8,
            "min": 2,
            "max": 256,
            "help": "values that a pixel can take, evenly from black to white; images are rounded to the nearest",
        },
    },
    "deviations": [
        "Channels depend on each other within a pixel through the last layer alone, not through masks in every layer.",
        "Two layers of 32 by default (the paper has 7 of 16 on MNIST), and 8 levels where it has 2 or 256.",
        "For small images: a row waits for the one above it, in training too.",
    ],
    "uses": ["g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}


def build(setup: Setup) -> AutoregressiveProgram:
    """A trunk of row LSTMs with the likelihood and the training step of _autoregressive.py."""
    method = setup.settings["method"]
    trunk = partial(RowLstmTrunk, setup.shape[0], method["width"], method["layers"])
    return AutoregressiveProgram(setup, trunk, method["width"])
