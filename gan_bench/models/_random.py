"""Layers that take random numbers from outside."""

from torch import Tensor, nn


class RandomLayer(nn.Module):
    """A layer whose random numbers are set from outside before each call, so that a network draws nothing itself.

    `draw` are standard normals (B, *shape of one input) or None, which makes the layer the identity. With
    `at_sampling` the numbers count in eval mode too.
    """

    def __init__(self, at_sampling: bool) -> None:
        super().__init__()
        self.at_sampling = at_sampling
        self.draw: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.draw is None or not (self.training or self.at_sampling):
            return x
        return self.disturbed(x, self.draw)

    def disturbed(self, x: Tensor, draw: Tensor) -> Tensor:
        """The input with the numbers applied; both of one shape."""
        raise NotImplementedError
