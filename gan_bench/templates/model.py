"""A convolutional pair with one hidden layer in each network."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import network

FACTS: dict[str, Any] = {
    "paper": "none: an example",
    "settings": {
        "latent_dim": {"type": "int", "default": 16, "min": 1, "help": "length of the noise vector z"},
        "slope": {"type": "float", "default": 0.2, "choices": [0.1, 0.2], "help": "slope of D's LeakyReLU"},
    },
    "deviations": [],
    "sizes": [8, 16, 28, 32, 64],
    "channels": [1, 3],
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """G: z -> 8 maps of half the side -> image. D: 8 maps of half the side -> logit."""
    (channels, side, _), latent_dim = shape, settings["latent_dim"]
    half = side // 2
    return Pair(
        network(
            lambda: [
                nn.Linear(latent_dim, 8 * half**2),
                nn.Unflatten(1, (8, half, half)),
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
                nn.Linear(8 * half**2, 1),
                nn.Flatten(0),
            ],
            "uniform_fan_in",
        ),
        latent_dim,
    )
