"""Sums of a kernel over all pairs of rows, and over the pairs of drawn subsets."""

from abc import abstractmethod

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import Rows
from gan_bench.metrics.pairs.sets import Pairs


class KernelSums(Part):
    """Sums of k(x, y) where k is a function of |x - y|^2 and of the two rows.

    off[which]: over ordered pairs of different given rows of "real" or "fake"; diagonal[which]: over each row with
    itself; cross: over real rows with generated ones. Terms in the working type, sums in float64.
    """

    passes = ("real", "fake", "cross")

    def __init__(self) -> None:
        self.off: dict[str, float] = {}
        self.diagonal: dict[str, float] = {}
        self.cross = 0.0
        self._sum = 0.0

    @abstractmethod
    def kernel(self, block: Block, out: Tensor) -> Tensor:
        """(a, b) values of the kernel, written into `out`; 0 where the block's distance is infinite."""

    @abstractmethod
    def itself(self, rows: Rows) -> Tensor:
        """(u,) k(x, x), float64."""

    def prepare(self, pairs: Pairs) -> None:
        """Fix what the kernel takes from the sets; before the first pass."""

    def begin(self, which: str, pairs: Pairs) -> None:
        self.prepare(pairs)
        self._sum = 0.0
        self._out = torch.empty(pairs.real.block**2, dtype=pairs.real.working, device=pairs.real.points.device)

    def read(self, which: str, block: Block) -> None:
        shape = block.squared.shape
        values = self.kernel(block, self._out[: shape.numel()].view(shape))
        # Each pair of different blocks of one set stands here once and counts in both orders.
        times = 1.0 if which == "cross" or block.diagonal else 2.0
        self._sum += times * self._weighted(values, block)
        self.gather(which, block, values, times)

    def gather(self, which: str, block: Block, values: Tensor, times: float) -> None:
        """Take more from the values of a block."""

    def end(self, which: str, pairs: Pairs) -> None:
        if which == "cross":
            self.cross = self._sum
            return
        rows: Rows = getattr(pairs, which)
        itself, counts = self.itself(rows), rows.counts.double()
        self.diagonal[which] = float((itself * counts).sum())
        # Equal rows are one row here: their pairs among themselves have the value of a row with itself.
        self.off[which] = self._sum + float((itself * counts * (counts - 1.0)).sum())

    def real_state(self) -> dict[str, Tensor]:
        return {"sums": torch.tensor([self.off["real"], self.diagonal["real"]], dtype=torch.float64)}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        self.off["real"], self.diagonal["real"] = (float(value) for value in state["sums"])

    @staticmethod
    def _weighted(values: Tensor, block: Block) -> float:
        counts = block.left.counts[block.i].double()
        if block.right.repeated:
            rows = values @ block.right.counts[block.j].to(values.dtype)
        else:
            rows = values.sum(1)
        return float(rows.double() @ counts)
