"""Interface between a run's method and the training loop: data and random numbers for one generator step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


class Feed(Protocol):
    """Data, random generators and the log for one generator step."""

    step: int
    """Generator steps done before this one."""
    progress: float
    """Share of the training that is done before this step, in [0, 1)."""
    d_steps: int
    """Number of discriminator steps in this generator step, which come before the generator's update."""
    batch_size: int
    """Number of images in a minibatch."""

    def real(self) -> tuple[Tensor, Tensor | None]:
        """The next minibatch: images (B,C,H,W) float32 in [-1, 1], and labels (B,) int64 or None.

        The budget counts one minibatch for each discriminator step (without a discriminator: for each generator step),
        however often `real` is called.
        """

    def rng(self, purpose: str) -> np.random.Generator:
        """The run's random generator for a purpose (gan_bench.seeds)."""

    def tensor(self, values: np.ndarray) -> Tensor:
        """An array as a tensor on the run's device."""

    def record(self, stream: str, stats: Tensor) -> None:
        """Log the stats of one step; `stream` is "d" or "g"."""
