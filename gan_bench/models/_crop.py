"""Maps cut to a smaller size, for sizes that are no power of two."""

from torch import Tensor, nn


class Crop(nn.Module):
    """x (B, C, h, w) -> (B, C, size, size): the upper left part."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : self.size, : self.size]


def halvings(size: int, times: int) -> list[int]:
    """Sides of the maps from `size` downwards: each is half of the one before, rounded up."""
    sides = [size]
    for _ in range(times):
        sides.append((sides[-1] + 1) // 2)
    return sides
