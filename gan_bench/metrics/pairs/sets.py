"""The sets whose rows are compared, and the passes over their pairs."""

from collections.abc import Iterator

import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.pairs.blocks import Block, between, within
from gan_bench.metrics.pairs.rows import BLOCK, FLOAT64_ROWS, Frame, Rows

#: The passes that no generated row enters.
REAL_PASSES = ("real", "held")

#: Norms in the frame's units above which float32 squares leave their range.
FLOAT32_NORM = 1e15
#: Norms above which float64 squares do.
FLOAT64_NORM = 1e140


class Pairs:
    """Sets of rows in one frame, that of the real ones."""

    def __init__(
        self, real: Tensor, fake: Tensor | None = None, train: Tensor | None = None, block: int = BLOCK
    ) -> None:
        frame = Frame.of(real)
        self.frame = frame
        self.real = Rows(real, frame, block)
        self.fake = self.real if fake is None else Rows(fake, frame, block)
        self.train = None if train is None else Rows(train, frame, block)
        self._alone = fake is None
        sets = [rows for rows in (self.real, self.fake, self.train) if rows is not None]
        largest = max(float(rows.norms.max()) for rows in sets)
        if not largest < FLOAT64_NORM**2:
            raise MetricUndefined("some features are too far from the real ones for the range of float64")
        small = max(rows.total for rows in sets) <= FLOAT64_ROWS
        working = torch.float64 if small or largest > FLOAT32_NORM**2 else torch.float32
        for rows in sets:
            rows.working = working

    def has(self, which: str) -> bool:
        """Whether the sets of a pass are there."""
        return (self.train is not None or which not in ("held", "train")) and (not self._alone or which in REAL_PASSES)

    def blocks(self, which: str) -> Iterator[Block]:
        """The pairs of a pass that it `has`."""
        if which in ("real", "fake"):
            return within(self.real if which == "real" else self.fake)
        if which == "cross":
            return between(self.real, self.fake)
        assert self.train is not None
        return between(self.train, self.real if which == "held" else self.fake)
