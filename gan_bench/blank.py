"""Networks that are made without drawing a number; the initialisation of their weights is done elsewhere."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def blank(make: Callable[[], Module]) -> Module:
    """What `make` makes, on the CPU, with zeros for all its tensors.

    Modules fill their parameters from torch's global generator when they are made; on the device "meta" there is
    nothing to fill. `Module.to_empty` would bring them back, but its way imports sympy: half a second for each process.
    """
    with torch.device("meta"):
        module = make()
    return module._apply(lambda tensor: torch.zeros(tensor.shape, dtype=tensor.dtype, device="cpu"))
