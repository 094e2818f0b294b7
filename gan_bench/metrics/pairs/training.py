"""Distance from each generated row to the nearest training row, plain and by angle."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import Rows, exact_squares
from gan_bench.metrics.pairs.sets import Pairs

#: The set whose rows look for a training row in a pass.
SIDE = {"held": "real", "train": "fake"}


class NearestTraining(Part):
    """`squared[which]`: squared distance from each given row of "fake", and of the held-out "real" ones, to its nearest
    training row, in the features' units. The nearest by a block's arithmetic is measured by differences, so that a copy
    is at distance 0."""

    passes = ("held", "train")

    def __init__(self) -> None:
        self.squared: dict[str, Tensor] = {}

    def begin(self, which: str, pairs: Pairs) -> None:
        rows: Rows = getattr(pairs, SIDE[which])
        self._nearest = _Nearest(rows)

    def read(self, which: str, block: Block) -> None:
        self._nearest.read(block, block.squared)

    def end(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        rows: Rows = getattr(pairs, SIDE[which])
        everyone = torch.arange(len(rows), device=rows.points.device)
        exact = exact_squares(rows, everyone, pairs.train, self._nearest.index)
        self.squared[SIDE[which]] = exact[rows.inverse] / pairs.frame.factor**2

    def real_state(self) -> dict[str, Tensor]:
        return {"squared": self.squared["real"]} if "real" in self.squared else {}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        self.squared["real"] = state["squared"]


class NearestAngle(Part):
    """`distance` (m,): smallest 1 - |cos| between each given generated row and the training rows, in [0, 1]; NaN for a
    row of zeros, and where all training rows are.

    1 - cos = (|x - y|^2 - (|x| - |y|)^2) / (2 |x| |y|) finds the nearest, which is then measured in float64.
    """

    passes = ("train",)

    def begin(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        self._lengths = {id(rows): _lengths(rows) for rows in (pairs.train, pairs.fake)}
        self._nearest = _Nearest(pairs.fake)

    def read(self, which: str, block: Block) -> None:
        kind = block.squared.dtype
        x, y = self._lengths[id(block.left)][block.i], self._lengths[id(block.right)][block.j]
        gap = (x[:, None] - y[None, :]).to(kind).square_()
        one_minus_cos = (block.squared - gap).div_((x.to(kind) * 2.0)[:, None] * y.to(kind)[None, :])
        angle = torch.minimum(one_minus_cos, 2.0 - one_minus_cos)
        # A row of zeros has no direction, and no angle to any other.
        angle[(x == 0).expand(len(y), -1).T | (y == 0)] = torch.inf
        self._nearest.read(block, angle)

    def end(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        parts = [
            _angle(_unit(pairs.fake, part), _unit(pairs.train, self._nearest.index[part]))
            for part in pairs.fake.slices()
        ]
        self.distance: Tensor = torch.cat(parts)[pairs.fake.inverse]


class _Nearest:
    """The smallest value of each column, and the row where it stands."""

    def __init__(self, columns: Rows) -> None:
        device = columns.points.device
        self.least = torch.full((len(columns),), torch.inf, dtype=columns.working, device=device)
        self.index = torch.zeros(len(columns), dtype=torch.int64, device=device)

    def read(self, block: Block, values: Tensor) -> None:
        found, place = values.min(dim=0)
        better = found < self.least[block.j]
        self.least[block.j] = torch.where(better, found, self.least[block.j])
        self.index[block.j] = torch.where(better, place + block.i.start, self.index[block.j])


def _angle(x: Tensor, y: Tensor) -> Tensor:
    """1 - |cos| of unit vectors: |x - y|^2 / 2 = 1 - cos, without its cancellation."""
    near = torch.minimum((x - y).square().sum(1), (x + y).square().sum(1)) / 2.0
    return torch.where(x.any(1) & y.any(1), near, torch.nan)


def _lengths(rows: Rows) -> Tensor:
    """(u,) |x| of rows that are not centred, in the frame's units."""
    return torch.cat([rows.points[part].double().norm(dim=1) for part in rows.slices()]) * rows.frame.factor


def _unit(rows: Rows, which: slice | Tensor) -> Tensor:
    x = rows.points[which].double()
    return x / x.norm(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
