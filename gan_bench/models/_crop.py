"""Crops feature maps, for image sizes that are not a power of two."""

from torch import Tensor, nn


class Crop(nn.Module):
    """x (B, C, h, w) -> its upper left corner (B, C, size, size)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : self.size, : self.size]


def halvings(size: int, times: int) -> list[int]:
    """Sides of feature maps: `size`, then `times` further sides, each half of the previous side, rounded up."""
    sides = [size]
    for _ in range(times):
        sides.append((sides[-1] + 1) // 2)
    return sides
