"""Builds networks without drawing random numbers. Their weights are initialised elsewhere."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def blank(make: Callable[[], Module]) -> Module:
    """The module that `make` returns, on the CPU, with all tensors zero.

    A new module normally draws its parameters from torch's global random generator. On the device "meta" it draws
    nothing. `Module.to_empty` could also move the module to the CPU, but it imports sympy, which takes half a second.
    """
    with torch.device("meta"):
        module = make()
    return module._apply(lambda tensor: torch.zeros(tensor.shape, dtype=tensor.dtype, device="cpu"))
