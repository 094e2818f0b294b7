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
        "A 4 x 4 or 5 x 5 convolution of stride 2 becomes a 3 x 3 one of stride 1 before the pooling, which has fewer "
        "weights (9 for 16 or 25) and costs more (each map at full size).",
    ],
}


def discriminator(row: list[nn.Module], scene: Scene, settings: Mapping[str, Any]) -> list[nn.Module]:
    """Each convolution of stride 2 becomes 3 x 3 of stride 1 and a 2 x 2 mean. UserError where there is none."""

    def change(layer: nn.Module) -> list[nn.Module] | None:
        if not (isinstance(layer, nn.Conv2d) and layer.stride == (2, 2)):
            return None
        bias = layer.bias is not None
        # Odd sizes round up, as a strided convolution with padding does.
        pool = nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)
        return [nn.Conv2d(layer.in_channels, layer.out_channels, 3, 1, 1, bias=bias), pool]

    return replaced(row, change, "strided convolution")
