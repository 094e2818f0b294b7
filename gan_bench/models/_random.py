"""Base class of layers whose random numbers are inputs."""

from torch import Tensor, nn


class RandomLayer(nn.Module):
    """A layer whose random numbers are set by the caller before each call, so that the network draws no numbers.

    Attributes:
        draw: N(0, 1) numbers of the input's shape (B, ...). If None, the layer returns its input.
        at_sampling: whether the layer also acts in eval mode.
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
        """The layer's output for input x and random numbers `draw` of the same shape."""
        raise NotImplementedError
