"""The convolutional pair of the spectral normalisation paper: seven convolutions and no normalisation layer in D."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network
from gan_bench.models._crop import Crop, halvings

FACTS: dict[str, Any] = {
    "paper": "Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks, table 3 "
    "(arXiv:1802.05957)",
    "settings": {
        "latent_dim": {"type": "int", "default": 128, "min": 1, "help": "length of the noise vector z"},
        "width": {
            "type": "int",
            "default": 64,
            "min": 1,
            "unit": "channels",
            "help": "channels of the layers next to the image; doubled for each halving of the size",
        },
    },
    "deviations": [
        "The paper's pair is for 32 and 48 pixels; for 28 pixels a map of the generator is cropped from 8 x 8 to "
        "7 x 7.",
        "Initial weights are N(0, 0.02^2); the paper does not state them.",
    ],
    "sizes": [8, 16, 28, 32, 64],
    "channels": None,
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Convolutional networks for images of `shape`; D has no normalisation layer.

    With the default width:
    G: z -> 512 maps of an eighth of the size -> 256, 128, 64 maps (transposed convolutions 4 x 4, batch norm, ReLU)
    -> image (convolution 3 x 3, tanh).
    D: for 64, 128 and 256 channels, a 3 x 3 convolution and a 4 x 4 convolution of stride 2; then 3 x 3 to 512 channels
    (LeakyReLU 0.1) -> logit.
    """
    channels, size, _ = shape
    w, z = settings["width"], settings["latent_dim"]
    sides = halvings(size, 3)
    floor = size // 2 // 2 // 2

    def generator() -> list[nn.Module]:
        row: list[nn.Module] = [nn.Linear(z, 8 * w * sides[3] ** 2), nn.Unflatten(1, (8 * w, sides[3], sides[3]))]
        inputs = 8 * w
        for outputs, above, side in ((4 * w, 3, 2), (2 * w, 2, 1), (w, 1, 0)):
            row.append(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1))
            row += [Crop(sides[side])] if 2 * sides[above] != sides[side] else []
            row += [*NORMS["batch"](outputs), nn.ReLU()]
            inputs = outputs
        return [*row, nn.Conv2d(w, channels, 3, 1, 1), nn.Tanh()]

    def discriminator() -> list[nn.Module]:
        row: list[nn.Module] = []
        inputs = channels
        for outputs in (w, 2 * w, 4 * w):
            row += [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.LeakyReLU(0.1)]
            row += [nn.Conv2d(outputs, outputs, 4, 2, 1), nn.LeakyReLU(0.1)]
            inputs = outputs
        row += [nn.Conv2d(inputs, 8 * w, 3, 1, 1), nn.LeakyReLU(0.1), nn.Flatten(1)]
        return [*row, nn.Linear(8 * w * floor**2, 1), nn.Flatten(0)]

    return Pair(network(generator, "normal_002"), network(discriminator, "normal_002"), z)
