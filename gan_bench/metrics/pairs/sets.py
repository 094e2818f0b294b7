"""The sets whose rows are compared, and the passes over their pairs."""

from collections.abc import Iterator

import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.pairs.blocks import DistanceBlock, between, within
from gan_bench.metrics.pairs.rows import BLOCK, FLOAT64_ROWS, FeatureRows, Frame

#: Passes without generated rows.
REAL_PASSES = ("real", "held")

#: Largest norm of a row, in the frame's units, for which float32 is used. Its square is far below the largest float32.
FLOAT32_NORM = 1e15
#: Largest norm of a row for which float64 is used. Its square is far below the largest float64.
FLOAT64_NORM = 1e140


class Pairs:
    """Real, generated and training rows in the frame (shift and scale) of the real rows.

    Without generated rows, only the passes in REAL_PASSES are possible.
    """

    def __init__(
        self, real: Tensor, fake: Tensor | None = None, train: Tensor | None = None, block: int = BLOCK
    ) -> None:
        frame = Frame.of(real)
        self.frame = frame
        self.real = FeatureRows(real, frame, block)
        self.fake = self.real if fake is None else FeatureRows(fake, frame, block)
        self.train = None if train is None else FeatureRows(train, frame, block)
        self._alone = fake is None
        sets = [rows for rows in (self.real, self.fake, self.train) if rows is not None]
        largest = max(float(rows.norms.max()) for rows in sets)
        if not largest < FLOAT64_NORM**2:
            raise MetricUndefined("some features are so far from the real rows that squared distances exceed float64")
        small = max(rows.total for rows in sets) <= FLOAT64_ROWS
        working = torch.float64 if small or largest > FLOAT32_NORM**2 else torch.float32
        for rows in sets:
            rows.working = working

    def has(self, which: str) -> bool:
        """Whether the sets of a pass are present."""
        return (self.train is not None or which not in ("held", "train")) and (not self._alone or which in REAL_PASSES)

    def blocks(self, which: str) -> Iterator[DistanceBlock]:
        """The blocks of a pass. `has(which)` must be true."""
        if which in ("real", "fake"):
            return within(self.real if which == "real" else self.fake)
        if which == "cross":
            return between(self.real, self.fake)
        assert self.train is not None
        return between(self.train, self.real if which == "held" else self.fake)
