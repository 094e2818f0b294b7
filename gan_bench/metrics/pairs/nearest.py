"""Distance from each row to the nearest of its own set, and of the other."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import Rows, exact_squares, float64_error, products
from gan_bench.metrics.pairs.sets import Pairs

#: Candidates for a nearest row, on average, above which float32 products have not told enough.
MANY = 30


class Minima(Part):
    """Nearest neighbours, as far as a block's arithmetic tells: compare by `same_set`, which is exact."""

    passes = ("real", "fake", "cross")

    def __init__(self) -> None:
        self.own: dict[str, Tensor] = {}
        self.other: dict[str, Tensor] = {}
        self.unit: dict[str, float] = {}

    def begin(self, which: str, pairs: Pairs) -> None:
        if which == "cross":
            self.other = {name: _infinite(getattr(pairs, name)) for name in ("real", "fake")}
        else:
            self.own[which] = _infinite(getattr(pairs, which))
            self.unit[which] = pairs.real.unit_error

    def read(self, which: str, block: Block) -> None:
        if which == "cross":
            self._take(self.other["real"], block.i, block.squared.amin(1))
            self._take(self.other["fake"], block.j, block.squared.amin(0))
            return
        self._take(self.own[which], block.i, block.squared.amin(1))
        if not block.diagonal:
            self._take(self.own[which], block.j, block.squared.amin(0))

    def end(self, which: str, pairs: Pairs) -> None:
        if which in self.own:
            rows: Rows = getattr(pairs, which)
            # A row that stands in its set twice has a neighbour at distance 0.
            self.own[which][rows.counts > 1] = 0.0

    def real_state(self) -> dict[str, Tensor]:
        return {"nearest": self.own["real"], "unit": torch.tensor([self.unit["real"]], dtype=torch.float64)}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        if len(state["nearest"]) != len(pairs.real):
            raise LookupError("another set of real rows")
        self.own["real"], self.unit["real"] = state["nearest"], float(state["unit"][0])

    def same_set(self, which: str, pairs: Pairs) -> Tensor:
        """(n,) for each given row of set `which`: 1 where its nearest other row is of the same set, 0 where of the
        other,
        0.5 where both are exactly as near."""
        rows: Rows = getattr(pairs, which)
        others: Rows = pairs.fake if which == "real" else pairs.real
        own, other = self.own[which], self.other[which]
        credit = (own < other).double()
        unsure = ((own - other).abs() <= self._error(own, which, rows) + self._error(other, which, rows)).nonzero()[
            :, 0
        ]
        for part in unsure.split(256):
            nearest_own = nearest_exactly(rows, part, rows)
            nearest_own[rows.counts[part] > 1] = 0.0
            nearest_other = nearest_exactly(rows, part, others)
            tied = nearest_own == nearest_other
            credit[part] = torch.where(tied, 0.5, (nearest_own < nearest_other).double())
        return credit[rows.inverse]

    def _error(self, squared: Tensor, which: str, rows: Rows) -> Tensor:
        """Bound on the error of a smallest distance: the other row's |b|^2 is at most 2 |a|^2 + 2 |a - b|^2."""
        unit = max(self.unit[which], rows.unit_error)
        return unit * (3.0 * rows.norms + 2.0 * squared.clamp(min=0)) * 1.1

    @staticmethod
    def _take(kept: Tensor, part: slice, found: Tensor) -> None:
        torch.minimum(kept[part], found.double(), out=kept[part])


def nearest_exactly(rows: Rows, which: Tensor, others: Rows) -> Tensor:
    """(q,) smallest squared distance from rows `which` to another row of `others`, by differences in float64.

    Products choose the candidates: in the working type, and again in float64 where those leave too many. `others` may
    be `rows` itself: a row is no neighbour of itself.
    """
    mine = rows.centred(which)
    norms = (mine * mine).sum(1)
    mask = _candidates(mine, norms, which, rows, others, rows.working)
    if rows.working != torch.float64 and int(mask.sum()) > MANY * len(which):
        mask = _candidates(mine, norms, which, rows, others, torch.float64)
    query, candidate = mask.nonzero(as_tuple=True)
    exact = exact_squares(rows, which[query], others, candidate)
    return torch.full_like(norms, torch.inf).scatter_reduce(0, query, exact, "amin")


def _candidates(mine: Tensor, norms: Tensor, which: Tensor, rows: Rows, others: Rows, kind: torch.dtype) -> Tensor:
    """(q, u) which rows of `others` may be nearest, by what the rounding of products in `kind` leaves open."""
    if kind == torch.float64:
        parts = [products(mine, norms, others.centred(part), others.norms[part]) for part in others.slices()]
    else:
        small = mine.to(kind), norms.to(kind)
        parts = [products(*small, *others.block_of(part)) for part in others.slices()]
    squared = torch.cat(parts, dim=1).double()
    if others is rows:
        squared[torch.arange(len(which), device=which.device), which] = torch.inf
    least = squared.amin(1)
    unit = float64_error(rows.dim) if kind == torch.float64 else rows.unit_error
    margin = 2.2 * unit * (3.0 * norms + 2.0 * least.clamp(min=0))
    return squared <= (least + margin)[:, None]


def _infinite(rows: Rows) -> Tensor:
    return torch.full((len(rows),), torch.inf, dtype=torch.float64, device=rows.points.device)
