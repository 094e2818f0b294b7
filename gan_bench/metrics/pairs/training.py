"""Distance from rows to their nearest training row: Euclidean, and by cosine."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import FeatureRows, exact_squares
from gan_bench.metrics.pairs.sets import Pairs

#: Pass -> the set whose rows are compared with training rows.
SIDE = {"held": "real", "train": "fake"}


class NearestTraining(Part):
    """Squared distance from each row of a set to its nearest training row.

    `squared["fake"]` and `squared["real"]` have these distances, one for each given row. They are distances between
    the rows as given, not between the shifted and scaled rows (see `pairs.rows.Frame`). The nearest row is found in the
    blocks. Its distance is then computed again by differences, so that the distance of a copy is 0.
    """

    passes = ("held", "train")

    def __init__(self) -> None:
        self.squared: dict[str, Tensor] = {}

    def begin(self, which: str, pairs: Pairs) -> None:
        rows: FeatureRows = getattr(pairs, SIDE[which])
        self._nearest = _Nearest(rows)

    def read(self, which: str, block: DistanceBlock) -> None:
        self._nearest.read(block, block.squared)

    def end(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        rows: FeatureRows = getattr(pairs, SIDE[which])
        queries = torch.arange(len(rows), device=rows.points.device)
        exact = exact_squares(rows, queries, pairs.train, self._nearest.index)
        self.squared[SIDE[which]] = exact[rows.inverse] / pairs.frame.factor**2

    def real_state(self) -> dict[str, Tensor]:
        return {"squared": self.squared["real"]} if "real" in self.squared else {}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        self.squared["real"] = state["squared"]


class NearestAngle(Part):
    """`distance` (m,): smallest 1 - |cos| between each generated row and the training rows, in [0, 1].

    The value is NaN if the generated row or all training rows are zero. The nearest row is found by
    1 - cos = (|x - y|^2 - (|x| - |y|)^2) / (2 |x| |y|). Its distance is then computed again in float64.
    """

    passes = ("train",)

    def begin(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        self._lengths = {id(rows): _lengths(rows) for rows in (pairs.train, pairs.fake)}
        self._nearest = _Nearest(pairs.fake)

    def read(self, which: str, block: DistanceBlock) -> None:
        kind = block.squared.dtype
        x, y = self._lengths[id(block.left)][block.i], self._lengths[id(block.right)][block.j]
        gap = (x[:, None] - y[None, :]).to(kind).square_()
        one_minus_cos = (block.squared - gap).div_((x.to(kind) * 2.0)[:, None] * y.to(kind)[None, :])
        angle = torch.minimum(one_minus_cos, 2.0 - one_minus_cos)
        # A zero row has no direction, so it has no angle to another row.
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
    """The smallest value of each column over all blocks, and the row where it is."""

    def __init__(self, columns: FeatureRows) -> None:
        device = columns.points.device
        self.smallest = torch.full((len(columns),), torch.inf, dtype=columns.working, device=device)
        self.index = torch.zeros(len(columns), dtype=torch.int64, device=device)

    def read(self, block: DistanceBlock, values: Tensor) -> None:
        smallest, row = values.min(dim=0)
        better = smallest < self.smallest[block.j]
        self.smallest[block.j] = torch.where(better, smallest, self.smallest[block.j])
        self.index[block.j] = torch.where(better, row + block.i.start, self.index[block.j])


def _angle(x: Tensor, y: Tensor) -> Tensor:
    """1 - |cos| of unit vectors; NaN for a zero vector.

    1 - cos is computed as |x - y|^2 / 2, and 1 + cos as |x + y|^2 / 2, because this avoids cancellation.
    """
    near = torch.minimum((x - y).square().sum(1), (x + y).square().sum(1)) / 2.0
    return torch.where(x.any(1) & y.any(1), near, torch.nan)


def _lengths(rows: FeatureRows) -> Tensor:
    """Lengths (u,) of the u distinct rows, scaled by the frame's factor but not shifted."""
    return torch.cat([rows.points[part].double().norm(dim=1) for part in rows.slices()]) * rows.frame.factor


def _unit(rows: FeatureRows, which: slice | Tensor) -> Tensor:
    x = rows.points[which].double()
    return x / x.norm(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
