"""The convolutional pair of the WGAN-GP authors' MNIST code: 5 x 5 convolutions, no normalisation."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import network
from gan_bench.models._crop import Crop, halvings

FACTS: dict[str, Any] = {
    "paper": "Gulrajani et al. 2017, Improved Training of Wasserstein GANs (arXiv:1704.00028); the networks of the "
    "authors' code for MNIST (igul222/improved_wgan_training, gan_mnist.py)",
    "settings": {
        "latent_dim": {"type": "int", "default": 128, "min": 1, "help": "length of the noise vector z"},
        "width": {
            "type": "int",
            "default": 64,
            "min": 1,
            "unit": "channels",
            "help": "channels of the layer next to the image; doubled for each halving of the size",
        },
    },
    "deviations": [
        "G ends in tanh, which is the authors' sigmoid, scaled to images in [-1, 1].",
        "Initial weights have PyTorch's default distribution; the authors' code has He's and Glorot's uniform "
        "distributions.",
        "The authors' code is for 28 x 28 images; other sizes have the same number of layers.",
    ],
    "sizes": [8, 16, 28, 32, 64],
    "channels": None,
    "critic_batch_coupled": {},
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Convolutional networks without normalisation.

    For 28 x 28 images and the default width:
    G: z -> 256 maps of 4 x 4 -> 128 maps, cropped to 7 x 7 -> 64 maps -> image (transposed convolutions 5 x 5; ReLU, at
    the end tanh).
    D: convolutions 5 x 5 of stride 2 to 64, 128, 256 maps (LeakyReLU 0.2) -> critic's value.
    """
    channels, size, _ = shape
    w, z = settings["width"], settings["latent_dim"]
    sides = halvings(size, 3)
    flat = 4 * w * sides[3] ** 2

    def generator() -> list[nn.Module]:
        row: list[nn.Module] = [nn.Linear(z, flat), nn.ReLU(), nn.Unflatten(1, (4 * w, sides[3], sides[3]))]
        for (inputs, outputs), side in zip(pairwise([4 * w, 2 * w, w, channels]), sides[2::-1], strict=True):
            row.append(nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, output_padding=1))
            doubled = sides[sides.index(side) + 1] * 2
            row += [Crop(side)] if doubled != side else []
            row.append(nn.ReLU())
        return [*row[:-1], nn.Tanh()]

    def discriminator() -> list[nn.Module]:
        row: list[nn.Module] = []
        for inputs, outputs in pairwise([channels, w, 2 * w, 4 * w]):
            row += [nn.Conv2d(inputs, outputs, 5, 2, 2), nn.LeakyReLU(0.2)]
        return [*row, nn.Flatten(1), nn.Linear(flat, 1), nn.Flatten(0)]

    return Pair(network(generator, "uniform_fan_in"), network(discriminator, "uniform_fan_in"), z)
