"""Maxout units (Goodfellow et al. 2013, arXiv:1302.4389)."""

from torch import Tensor, nn


class Maxout(nn.Module):
    """x (B, units * pieces), the output of a linear layer -> (B, units): the maximum over each unit's pieces."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], -1, self.pieces).amax(dim=2)


def maxout(inputs: int, units: int, pieces: int) -> list[nn.Module]:
    """A layer of maxout units: linear to units * pieces, then the maximum."""
    return [nn.Linear(inputs, units * pieces), Maxout(pieces)]
