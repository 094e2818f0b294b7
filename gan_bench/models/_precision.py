"""The precision of a network's operations: which operations are in bfloat16, and which are always in float32."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor


def passes(precision: str, device: torch.device) -> Any:
    """The context manager for a forward pass in training mode. Its argument is the precision of the run.

    With "bf16", inputs and outputs of convolutions, linear layers and matrix products are bfloat16 (torch.autocast).
    Parameters, buffers and gradients are float32. Weights cast to bfloat16 are not cached, because under torch.func the
    cached tensors are invalid after the call.
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16, cache_enabled=False)


@contextmanager
def float32(x: Tensor) -> Iterator[Tensor]:
    """Disable bfloat16 within the `with` block, and yield `x` in float32. In a float32 run this changes nothing."""
    if not torch.is_autocast_enabled(x.device.type):
        yield x
        return
    with torch.autocast(x.device.type, enabled=False):
        yield x.float()
