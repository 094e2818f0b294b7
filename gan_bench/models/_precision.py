"""What a run's precision means inside a network: which parts are bfloat16, and which never are."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor


def passes(precision: str, device: torch.device) -> Any:
    """Context of one forward pass in training form. `bf16`: convolutions, linear layers and matrix products take and
    give bfloat16 (torch.autocast); parameters, buffers and their gradients stay float32.

    No cast of a weight is kept for a later use: one that torch.func made is dead when the call ends.
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16, cache_enabled=False)


@contextmanager
def float32(x: Tensor) -> Iterator[Tensor]:
    """Within the block nothing is cast to bfloat16; gives `x` in float32. Nothing changes in a run of float32."""
    if not torch.is_autocast_enabled(x.device.type):
        yield x
        return
    with torch.autocast(x.device.type, enabled=False):
        yield x.float()
