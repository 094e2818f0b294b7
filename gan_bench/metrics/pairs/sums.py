"""Sums of a kernel over all pairs of rows."""

from abc import abstractmethod

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import FeatureRows
from gan_bench.metrics.pairs.sets import Pairs


class KernelSums(Part):
    """Sums of a kernel k(x, y) that is a function of |x - y|^2, x and y.

    Terms are computed in the working type (float32 or float64). Within a row of a block they are also summed in this
    type; all further sums are in float64.

    off[which]: sum over all ordered pairs of two different rows of the set "real" or "fake". The two rows may have
        equal features.
    diagonal[which]: sum of k(x, x) over all rows x of the set.
    cross: sum over all pairs of a real and a generated row.
    """

    passes = ("real", "fake", "cross")

    def __init__(self) -> None:
        self.off: dict[str, float] = {}
        self.diagonal: dict[str, float] = {}
        self.cross = 0.0
        self._sum = 0.0

    @abstractmethod
    def kernel(self, block: DistanceBlock, out: Tensor) -> Tensor:
        """(a, b) kernel values, written into `out`; 0 where the block's distance is infinite."""

    @abstractmethod
    def itself(self, rows: FeatureRows) -> Tensor:
        """(u,) k(x, x) of each distinct row, float64."""

    def prepare(self, pairs: Pairs) -> None:
        """Compute the kernel's parameters from the sets, before the first pass."""

    def begin(self, which: str, pairs: Pairs) -> None:
        self.prepare(pairs)
        self._sum = 0.0
        self._out = torch.empty(pairs.real.block**2, dtype=pairs.real.working, device=pairs.real.points.device)

    def read(self, which: str, block: DistanceBlock) -> None:
        shape = block.squared.shape
        values = self.kernel(block, self._out[: shape.numel()].view(shape))
        # In an off-diagonal block of a set with itself, each pair occurs once but counts in both orders.
        weight = 1.0 if which == "cross" or block.diagonal else 2.0
        self._sum += weight * self._weighted(values, block)
        self.gather(which, block, values, weight)

    def gather(self, which: str, block: DistanceBlock, values: Tensor, times: float) -> None:
        """Hook for subclasses that use the kernel values of a block. `times`: how often each value counts."""

    def end(self, which: str, pairs: Pairs) -> None:
        if which == "cross":
            self.cross = self._sum
            return
        rows: FeatureRows = getattr(pairs, which)
        self_kernel, counts = self.itself(rows), rows.counts.double()
        self.diagonal[which] = float((self_kernel * counts).sum())
        # Equal rows are merged, so no block has their pairs. The kernel of two equal rows is k(x, x).
        self.off[which] = self._sum + float((self_kernel * counts * (counts - 1.0)).sum())

    def real_state(self) -> dict[str, Tensor]:
        return {"sums": torch.tensor([self.off["real"], self.diagonal["real"]], dtype=torch.float64)}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        self.off["real"], self.diagonal["real"] = (float(value) for value in state["sums"])

    @staticmethod
    def _weighted(values: Tensor, block: DistanceBlock) -> float:
        counts = block.left.counts[block.i].double()
        if block.right.repeated:
            rows = values @ block.right.counts[block.j].to(values.dtype)
        else:
            rows = values.sum(1)
        return float(rows.double() @ counts)
