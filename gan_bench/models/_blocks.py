"""Shared parts of models: normalisation layers, and networks that are built without drawing random numbers."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.blank import blank
from gan_bench.errors import UserError


class BatchNorm(nn.Module):
    """Batch normalisation, Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithms 1 and 2.

    x (B, C) or (B, C, H, W) -> same shape. Values equal those of nn.BatchNorm1d/2d with eps 1e-5 and momentum 0.1:
    running statistics are running means of the minibatch's mean and unbiased variance. Unlike the torch layers, it has
    no step counter, so all its state is floating point.

    Under torch.func.vmap in training mode, the running statistics must be among the mapped inputs, stacked like the
    parameters. They are updated in place, as without vmap.

    Raises:
        ValueError: in training mode with a single value for each channel.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum, self.eps
        )


#: Name of a normalisation -> function from the number of channels to its layers. "layer" and "instance" normalise each
#: image separately. Layer norm is over all channels and pixels (Ba et al. 2016, arXiv:1607.06450); it is group norm
#: with 1 group. Instance norm is over the pixels of each channel (Ulyanov et al. 2016, arXiv:1607.08022); it is group
#: norm with C groups.
NORMS: dict[str, Callable[[int], list[nn.Module]]] = {
    "batch": lambda channels: [BatchNorm(channels)],
    "layer": lambda channels: [nn.GroupNorm(1, channels)],
    "instance": lambda channels: [nn.GroupNorm(channels, channels)],
    "none": lambda channels: [],
}


def network(make_layers: Callable[[], list[nn.Module]], init_scheme: str) -> nn.Sequential:
    """The layers in sequence, on the CPU, with all parameters zero. No random numbers are drawn.

    Args:
        make_layers: function that returns the layers; it is called with the meta device as default.
        init_scheme: name of the initial distribution (models._init), which later fills the parameters.
    """
    sequence = blank(lambda: nn.Sequential(*make_layers()))
    with torch.no_grad():
        for name, buffer in sequence.named_buffers():
            if name.endswith("running_var"):
                buffer.fill_(1.0)
    sequence.init_scheme = init_scheme  # type: ignore[assignment]
    return sequence


def rebuilt(old: nn.Module, transform: Callable[[list[nn.Module]], list[nn.Module]]) -> nn.Sequential:
    """A network of the layers that `transform` returns for copies of the old network's layers.

    The parameters of the new network are zero, and its init_scheme is that of the old network.

    Raises:
        UserError: the network is not an nn.Sequential.
    """
    if not isinstance(old, nn.Sequential):
        raise UserError(
            f"a trick of this run changes layers, which needs an nn.Sequential, but the network is a "
            f"{type(old).__name__}."
        )
    return network(lambda: transform(deepcopy(list(old.children()))), getattr(old, "init_scheme", "uniform_fan_in"))
