"""Pixel shuffle in G in place of transposed convolutions."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Shi et al. 2016, Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel "
    "Convolutional Neural Network, section 3.2 (arXiv:1609.05158); as advice: Chintala et al. 2016, How to Train a "
    "GAN?, item 5",
    "settings": {},
    "deviations": [
        "A transposed convolution of 4 x 4 or 5 x 5 becomes a 3 x 3 convolution with four times as many output "
        "channels: 36 weights in place of 16 or 25.",
    ],
}


def generator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace each size-doubling transposed convolution with a convolution and a pixel shuffle.

    UserError if G has no such layer.
    """

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not (isinstance(layer, nn.ConvTranspose2d) and _doubles(layer)):
            return None
        bias = layer.bias is not None
        return [nn.Conv2d(layer.in_channels, 4 * layer.out_channels, 3, 1, 1, bias=bias), nn.PixelShuffle(2)]

    return replaced(row, change, "transposed convolution that doubles the size")


def _doubles(layer: nn.ConvTranspose2d) -> bool:
    """Whether the layer doubles a side n: 2 (n - 1) + kernel - 2 padding + output padding = 2 n."""
    if layer.stride != (2, 2) or layer.dilation != (1, 1) or layer.groups != 1:
        return False
    assert not isinstance(layer.padding, str)
    sides = zip(layer.kernel_size, layer.padding, layer.output_padding, strict=True)
    return all(kernel - 2 * padding + more == 2 for kernel, padding, more in sides)
