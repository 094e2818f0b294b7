"""Which rows of one set are in the balls around the rows of the other set."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.radii import Radii
from gan_bench.metrics.pairs.sets import Pairs


class Balls(Part):
    """Membership of rows in balls. The ball of a row reaches to its k-th nearest neighbour in its own set.

    If `inclusive`, a row exactly on the boundary is in the ball. In all results, a repeated row counts as often as it
    occurs.

    fake_inside: (m,) whether each generated row is in any real ball.
    fake_depth: number of pairs of a real ball and a generated row inside it.
    real_holds: (n,) whether the ball of each real row contains any generated row.
    real_inside: (n,) whether each real row is in any generated ball; computed only if `both`, else all false.
    """

    passes = ("cross",)

    def __init__(self, radii: Radii, k: int, inclusive: bool, both: bool) -> None:
        self.radii, self.k, self.inclusive, self.both = radii.want(k), k, inclusive, both
        self.fake_depth = 0.0

    def begin(self, which: str, pairs: Pairs) -> None:
        device = pairs.real.points.device
        self._fake_inside = torch.zeros(len(pairs.fake), dtype=torch.bool, device=device)
        self._real_holds = torch.zeros(len(pairs.real), dtype=torch.bool, device=device)
        self._real_inside = torch.zeros(len(pairs.real), dtype=torch.bool, device=device)
        self.fake_depth = 0.0

    def read(self, which: str, block: DistanceBlock) -> None:
        rows, columns = block.below(self.radii.radius("real", self.k)[block.i], 0, self.inclusive)
        rows, columns = rows + block.i.start, columns + block.j.start
        self._fake_inside[columns] = True
        self._real_holds[rows] = True
        self.fake_depth += float((block.left.counts[rows] * block.right.counts[columns]).sum())
        if self.both:
            rows, _ = block.below(self.radii.radius("fake", self.k)[block.j], 1, self.inclusive)
            self._real_inside[rows + block.i.start] = True

    def end(self, which: str, pairs: Pairs) -> None:
        self.fake_inside: Tensor = self._fake_inside[pairs.fake.inverse]
        self.real_holds: Tensor = self._real_holds[pairs.real.inverse]
        self.real_inside: Tensor = self._real_inside[pairs.real.inverse]
