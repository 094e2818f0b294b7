"""Deep convolutional pair (DCGAN): strided convolutions in D, transposed convolutions in G; 8 to 64 pixels."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from torch import nn

from gan_bench.models import Pair
from gan_bench.models._blocks import NORMS, network

FACTS: dict[str, Any] = {
    "paper": "Radford, Metz & Chintala 2016, Unsupervised Representation Learning with Deep Convolutional "
    "Generative Adversarial Networks, sections 3-4 and figure 1 (arXiv:1511.06434)",
    "settings": {
        "latent_dim": {"type": "int", "default": 100, "min": 1, "help": "length of the noise vector z"},
        "width": {
            "type": "int",
            "default": 64,
            "min": 1,
            "unit": "channels",
            "help": "channels of the layer next to the image in both networks; doubled for each halving of the size",
        },
        "g_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "none"],
            "help": "normalisation in the generator, except in its output layer",
        },
        "d_norm": {
            "type": "str",
            "default": "batch",
            "choices": ["batch", "layer", "instance", "none"],
            "help": "normalisation in the discriminator, except in its first and output layers; all except 'batch' "
            "process each image separately",
        },
    },
    "deviations": [
        "Kernels are 4 x 4 with stride 2 and padding 1, which double and halve the size exactly (as in "
        "soumith/dcgan.torch and in PyTorch's DCGAN example); the paper has 5 x 5.",
        "The default width is 64 channels (as in the same code); figure 1 of the paper has 128.",
        "The batch norm after the projection of z has one gain and shift per channel; the authors' code has one per "
        "number.",
        "The paper's pair is for 64 x 64 images. Smaller images have fewer layers; the smallest feature map is 4 x 4 "
        "(for 8, 16, 32 and 64 pixels) or 7 x 7 (for 28 pixels).",
    ],
    "sizes": [8, 16, 28, 32, 64],
    "channels": None,
    "critic_batch_coupled": {"d_norm": ["batch"]},
    "init": "normal_002",
}


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """Convolutional networks for images of `shape`.

    G: z -> linear layer to the smallest map -> transposed convolutions with batch norm and ReLU between -> tanh.
    D: convolutions with LeakyReLU 0.2, and with batch norm except after the first -> logit. For 64 pixels and width 64,
    the channels of G are 512, 256, 128, 64.

    As in the authors' code, layers have no bias. If a setting removes the normalisation after a convolution or
    transposed convolution, the convolution gets a bias in place of the shift of the normalisation. Linear layers never
    have a bias. Initial weights: N(0, 0.02^2), gains N(1, 0.02^2).
    """
    base, channels = _plan(shape[1], settings["width"])
    latent_dim = settings["latent_dim"]
    return Pair(
        network(lambda: _generator(latent_dim, base, channels, shape[0], settings["g_norm"]), FACTS["init"]),
        network(lambda: _discriminator(base, channels, shape[0], settings["d_norm"]), FACTS["init"]),
        latent_dim,
    )


def _plan(size: int, width: int) -> tuple[int, list[int]]:
    """Side of the smallest feature map, and the channels of all maps from the smallest to the largest."""
    base = 7 if size == 28 else 4
    doublings = (size // base).bit_length() - 1
    return base, [width * 2**n for n in reversed(range(doublings))]


def _generator(latent_dim: int, base: int, channels: list[int], image_channels: int, norm: str) -> list[nn.Module]:
    bias = norm == "none"
    project = nn.Linear(latent_dim, channels[0] * base * base, bias=False)
    layers = [project, nn.Unflatten(1, (channels[0], base, base)), *NORMS[norm](channels[0]), nn.ReLU()]
    for inputs, outputs in pairwise(channels):
        layers += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias), *NORMS[norm](outputs), nn.ReLU()]
    return [*layers, nn.ConvTranspose2d(channels[-1], image_channels, 4, 2, 1, bias=False), nn.Tanh()]


def _discriminator(base: int, channels: list[int], image_channels: int, norm: str) -> list[nn.Module]:
    bias = norm == "none"
    upward = channels[::-1]
    layers: list[nn.Module] = [nn.Conv2d(image_channels, upward[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for inputs, outputs in pairwise(upward):
        layers += [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=bias), *NORMS[norm](outputs), nn.LeakyReLU(0.2)]
    logit = nn.Linear(upward[-1] * base * base, 1, bias=False)
    return [*layers, nn.Flatten(1), logit, nn.Flatten(0)]
