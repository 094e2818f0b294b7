"""What models share: normalisation layers, and networks that are built without drawing random numbers."""

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
    running statistics average the minibatch's mean and unbiased variance. Unlike those it has no step counter, so that
    all its state is floating point.

    Under torch.func.vmap in training mode the running statistics must be among the mapped inputs, stacked like the
    parameters. They are updated in place, as in a plain call.

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


#: Choice of a normalisation setting -> its layers for a number of channels. "layer" and "instance" normalise each image
#: alone: layer norm over all channels and pixels (Ba et al. 2016, arXiv:1607.06450), instance norm over the pixels of
#: each channel (Ulyanov et al. 2016, arXiv:1607.08022). They are group norm with 1 group and with C groups.
NORMS: dict[str, Callable[[int], list[nn.Module]]] = {
    "batch": lambda channels: [BatchNorm(channels)],
    "layer": lambda channels: [nn.GroupNorm(1, channels)],
    "instance": lambda channels: [nn.GroupNorm(channels, channels)],
    "none": lambda channels: [],
}


def network(make_layers: Callable[[], list[nn.Module]], init_scheme: str) -> nn.Sequential:
    """The layers in sequence, on the CPU, with every parameter zero: no random number is drawn.

    Args:
        make_layers: makes the layers; called on the meta device.
        init_scheme: how models._init.initialise later draws the parameters, one of its SCHEMES.
    """
    sequence = blank(lambda: nn.Sequential(*make_layers()))
    with torch.no_grad():
        for name, buffer in sequence.named_buffers():
            if name.endswith("running_var"):
                buffer.fill_(1.0)
    sequence.init_scheme = init_scheme  # type: ignore[assignment]
    return sequence


def rebuilt(old: nn.Module, transform: Callable[[list[nn.Module]], list[nn.Module]]) -> nn.Sequential:
    """A network of the layers that `transform` makes from copies of the old network's layers.

    Its parameters are zero and its init_scheme is the old one's.

    Raises:
        UserError: a network that is not an nn.Sequential.
    """
    if not isinstance(old, nn.Sequential):
        raise UserError(f"a trick of this run changes layers, and {type(old).__name__} is not a row of them.")
    return network(lambda: transform(deepcopy(list(old.children()))), getattr(old, "init_scheme", "uniform_fan_in"))
