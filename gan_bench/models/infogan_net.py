"""The networks of InfoGAN and of Lucic et al. 2018: two convolutions and a wide linear layer in each network."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network

FACTS: dict[str, Any] = {
    "paper": "Chen et al. 2016, InfoGAN, appendix C.1 (arXiv:1606.03657); the common network of Lucic et al. 2018, Are "
    "GANs Created Equal?, section 5.2 (arXiv:1711.10337)",
    "settings": {
        "latent_dim": {"type": "int", "default": 64, "min": 1, "help": "length of the noise vector z"},
        "width": {
            "type": "int",
            "default": 64,
            "min": 1,
            "unit": "channels",
            "help": "channels of the layer next to the image; the linear layers have 16 times as many units",
        },
        "d_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "layer", "none"],
            "help": "normalisation in the discriminator, except in its first and output layers",
        },
    },
    "deviations": [
        "G ends in tanh, which is the paper's sigmoid, scaled to images in [-1, 1].",
        "Batch norm has momentum 0.1 and eps 1e-5; Lucic et al. have a decay of 0.999 and eps 1e-3.",
    ],
    "sizes": [8, 16, 28, 32, 64],
    "channels": None,
    "critic_batch_coupled": {"d_norm": ["batch"]},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Two convolutions and a linear layer of 1024 units in each network, with the default width.

    G: z -> 1024 -> 128 maps of a quarter of the size -> 64 maps of half the size (batch norm, ReLU) -> image (tanh).
    D: image -> 64 -> 128 maps (convolutions 4 x 4, stride 2) -> 1024 -> logit. The hidden layers of D have LeakyReLU
    0.2 and, except the first, the normalisation `d_norm` (default: batch norm). All layers of both networks have
    biases.

    Initial weights: N(0, 0.02^2). At 28 x 28 x 1: G 6,642,241 parameters, D 6,559,169.
    """
    channels, size, _ = shape
    w, z, side = settings["width"], settings["latent_dim"], size // 4
    wide, flat, norm = 16 * w, 2 * w * side * side, settings["d_norm"]

    def generator() -> list[nn.Module]:
        linear = [nn.Linear(z, wide), *NORMS["batch"](wide), nn.ReLU()]
        linear += [nn.Linear(wide, flat), *NORMS["batch"](flat), nn.ReLU(), nn.Unflatten(1, (2 * w, side, side))]
        maps = [nn.ConvTranspose2d(2 * w, w, 4, 2, 1), *NORMS["batch"](w), nn.ReLU()]
        return [*linear, *maps, nn.ConvTranspose2d(w, channels, 4, 2, 1), nn.Tanh()]

    def discriminator() -> list[nn.Module]:
        maps = [nn.Conv2d(channels, w, 4, 2, 1), nn.LeakyReLU(0.2)]
        maps += [nn.Conv2d(w, 2 * w, 4, 2, 1), *NORMS[norm](2 * w), nn.LeakyReLU(0.2), nn.Flatten(1)]
        linear = [nn.Linear(flat, wide), *NORMS[norm](wide), nn.LeakyReLU(0.2)]
        return [*maps, *linear, nn.Linear(wide, 1), nn.Flatten(0)]

    return Pair(network(generator, "normal_002"), network(discriminator, "normal_002"), z)
