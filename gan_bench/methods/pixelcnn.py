"""Gated PixelCNN: the likelihood of an image as a product over its pixels, by masked convolutions; no discriminator."""

from functools import partial
from typing import Any

from gan_bench.methods import Setup
from gan_bench.methods._autoregressive import AutoregressiveProgram
from gan_bench.methods._gated import GatedTrunk

FACTS: dict[str, Any] = {
    "paper": "van den Oord et al. 2016, Conditional Image Generation with PixelCNN Decoders, sections 2.1 to 2.3 "
    "(arXiv:1606.05328); masks: van den Oord et al. 2016, Pixel Recurrent Neural Networks (arXiv:1601.06759)",
    "settings": {
        "width": {"type": "int", "default": 32, "min": 1, "max": 4096, "unit": "channels", "help": "of every layer"},
        "layers": {"type": "int", "default": 5, "min": 1, "max": 100, "help": "gated layers"},
        "levels": {
            "type": "int",
            "default": 8,
            "min": 2,
            "max": 256,
            "help": "values that a pixel can take, evenly from black to white; images are rounded to the nearest",
        },
    },
    "deviations": [
        "Kernels of 3 x 7 above and 1 x 3 to the left in the first layer, 2 x 5 and 1 x 2 in the others; reach grows "
        "with the layers.",
        "Row and column of each pixel are inputs beside the image, which makes up for the short reach.",
        "Channels depend on each other within a pixel through the last layer alone, not through masks in every layer.",
        "8 levels by default; the paper has 256.",
    ],
    "uses": ["g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}


def build(setup: Setup) -> AutoregressiveProgram:
    """A trunk of gated convolutions with the likelihood and the training step of _autoregressive.py."""
    method = setup.settings["method"]
    trunk = partial(GatedTrunk, setup.shape[0], method["width"], method["layers"])
    return AutoregressiveProgram(setup, trunk, method["width"])
