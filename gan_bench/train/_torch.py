"""Sets torch's process-wide switches within a `with` block, and finds a run's device."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gan_bench import bits
from gan_bench.errors import UserError


@contextmanager
def deterministic(threads: int, device: torch.device) -> Iterator[None]:
    """Use `threads` threads and deterministic algorithms within the block; then restore the previous settings.

    An operation without a deterministic algorithm raises an error. torch.use_deterministic_algorithms would import
    torch's compiler, which takes more than a second. torch.set_deterministic_debug_mode, which is used here, sets the
    same switch without this import.
    """
    bits.require()
    if device.type == "cuda":
        # cuBLAS reads this variable when it starts. Without this variable, the order in which cuBLAS adds numbers is
        # not fixed.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    memory: Any = torch.utils.deterministic
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode(), memory.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")
    # With deterministic algorithms, torch by default fills new memory with NaN, so that reads of uninitialised memory
    # are noticed. Filling costs time, and no operation here reads uninitialised memory.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
        memory.fill_uninitialized_memory = before[2]


def device_of(name: str) -> torch.device:
    """The torch device "cpu" or "cuda...". UserError for another name, or for "cuda..." if CUDA is not available."""
    if name != "cpu" and not (name.startswith("cuda") and torch.cuda.is_available()):
        raise UserError(f"device is {name!r}, but torch finds no such device on this machine; valid here: cpu.")
    return torch.device(name)
