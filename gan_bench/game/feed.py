"""What the loop of training offers to a game or any other program, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


class Feed(Protocol):
    """What the loop offers a program during one generator step."""

    step: int
    """Generator steps done before this one."""
    progress: float
    """Share of the training done before this step, in [0, 1)."""
    d_steps: int
    """Discriminator steps of this generator step."""
    batch_size: int

    def real(self) -> tuple[Tensor, Tensor | None]:
        """The next minibatch: images (B,C,H,W) float32 in [-1, 1], and labels (B,) int64 or None. It is counted."""

    def rng(self, purpose: str) -> np.random.Generator:
        """The run's generator of a purpose (gan_bench.seeds)."""

    def tensor(self, values: np.ndarray) -> Tensor:
        """Drawn numbers, on the device."""

    def record(self, stream: str, stats: Tensor) -> None:
        """Log the stats of one step; `stream` is "d" or "g"."""
