"""Torch's process-wide switches, set for the time of a block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gan_bench import bits
from gan_bench.errors import UserError


@contextmanager
def deterministic(threads: int, device: torch.device) -> Iterator[None]:
    """`threads` threads and deterministic algorithms; what was set before is set again afterwards.

    An operation that has no deterministic form raises. The switch is that of torch.use_deterministic_algorithms,
    reached by the function that does not import torch's compiler, which takes more than a second.
    """
    bits.require()
    if device.type == "cuda":
        # Read by cuBLAS when it starts: without it its sums have no fixed order.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    memory: Any = torch.utils.deterministic
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode(), memory.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")
    # It writes NaN into all fresh memory, to show reads of it. That costs time and no operation here reads any.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
        memory.fill_uninitialized_memory = before[2]


def device_of(name: str) -> torch.device:
    """The device that a run's settings name. UserError where this machine has none such."""
    if name != "cpu" and not (name.startswith("cuda") and torch.cuda.is_available()):
        raise UserError(f"device is {name!r}, which this machine does not offer to torch; valid here: cpu.")
    return torch.device(name)
