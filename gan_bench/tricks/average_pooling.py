"""Average pooling in D in place of strided convolutions."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_bench.models._surgery import replaced
from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Chintala et al. 2016, How to Train a GAN?, item 5 ('for downsampling, use: Average Pooling, Conv2d + "
    "stride'); the strided form: Radford et al. 2016, section 3 (arXiv:1511.06434)",
    "settings": {},
    "deviations": [
        "A 4 x 4 or 5 x 5 convolution of stride 2 becomes a 3 x 3 convolution of stride 1, followed by pooling. It has "
        "fewer weights (9, not 16 or 25) but takes more time, because its maps have full size.",
        "A map of odd side is pooled to the same size as the strided convolution gave, rounded up or down.",
    ],
}


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Replace each convolution that halves the size by a 3 x 3 convolution and 2 x 2 average pooling.

    Grouped and dilated convolutions are kept. UserError if D has no convolution to replace.
    """

    def change(layer: nn.Module) -> list[nn.Module] | None:
        ceil_mode = _rounds_up(layer)
        if ceil_mode is None or not isinstance(layer, nn.Conv2d):
            return None
        bias = layer.bias is not None
        pool = nn.AvgPool2d(2, ceil_mode=ceil_mode, count_include_pad=False)
        return [nn.Conv2d(layer.in_channels, layer.out_channels, 3, 1, 1, bias=bias), pool]

    return replaced(row, change, "strided convolution")


def _rounds_up(layer: nn.Module) -> bool | None:
    """How the layer halves an odd side n: True for (n + 1) / 2, False for (n - 1) / 2; None if the layer is kept.

    A convolution of stride 2 gives floor((n + 2 padding - kernel) / 2) + 1.
    """
    if not isinstance(layer, nn.Conv2d) or isinstance(layer.padding, str):
        return None
    if layer.stride != (2, 2) or layer.dilation != (1, 1) or layer.groups != 1:
        return None
    excess = {2 * padding - kernel for padding, kernel in zip(layer.padding, layer.kernel_size, strict=True)}
    return {-1: True, -2: False}.get(excess.pop()) if len(excess) == 1 else None
