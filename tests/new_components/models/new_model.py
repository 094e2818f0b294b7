"""A convolutional pair for 8 x 8 pixels with one hidden layer on either side."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import network

FACTS: dict[str, Any] = {
    "paper": "Someone & Else 2026, Very Small Networks (arXiv:2601.00001)",
    "settings": {
        "latent_dim": {"type": "int", "default": 16, "min": 1, "help": "length of the noise vector z"},
        "slope": {"type": "float", "default": 0.2, "choices": [0.1, 0.2], "help": "of the discriminator's LeakyReLU"},
    },
    "deviations": [],
    "sizes": [8],
    "channels": [1, 3],
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """G: z -> 8 maps of 4 x 4 -> image. D: 8 maps of 4 x 4 -> logit."""
    channels, latent_dim = shape[0], settings["latent_dim"]
    return Pair(
        network(
            lambda: [
                nn.Linear(latent_dim, 128),
                nn.Unflatten(1, (8, 4, 4)),
                nn.ReLU(),
                nn.ConvTranspose2d(8, channels, 4, 2, 1),
                nn.Tanh(),
            ],
            "uniform_fan_in",
        ),
        network(
            lambda: [
                nn.Conv2d(channels, 8, 4, 2, 1),
                nn.LeakyReLU(settings["slope"]),
                nn.Flatten(1),
                nn.Linear(128, 1),
                nn.Flatten(0),
            ],
            "uniform_fan_in",
        ),
        latent_dim,
    )
