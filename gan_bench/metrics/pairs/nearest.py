"""Distance from each row to its nearest neighbour in its own set and in the other set."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import FeatureRows, exact_squares, float64_error, products
from gan_bench.metrics.pairs.sets import Pairs

#: If float32 products leave more candidates for the nearest neighbour than this per row, candidates are selected again
#: by float64 products.
MANY = 30


class NearestNeighbours(Part):
    """Squared distances from each row to its nearest neighbours in its own set and in the other set.

    These distances have the rounding errors of the blocks. `same_set` compares distances exactly.
    """

    passes = ("real", "fake", "cross")

    def __init__(self) -> None:
        self.within: dict[str, Tensor] = {}
        self.across: dict[str, Tensor] = {}
        self.unit: dict[str, float] = {}

    def begin(self, which: str, pairs: Pairs) -> None:
        if which == "cross":
            self.across = {name: _infinite(getattr(pairs, name)) for name in ("real", "fake")}
        else:
            self.within[which] = _infinite(getattr(pairs, which))
            self.unit[which] = pairs.real.unit_error

    def read(self, which: str, block: DistanceBlock) -> None:
        if which == "cross":
            self._take(self.across["real"], block.i, block.squared.amin(1))
            self._take(self.across["fake"], block.j, block.squared.amin(0))
            return
        self._take(self.within[which], block.i, block.squared.amin(1))
        if not block.diagonal:
            self._take(self.within[which], block.j, block.squared.amin(0))

    def end(self, which: str, pairs: Pairs) -> None:
        if which in self.within:
            rows: FeatureRows = getattr(pairs, which)
            # A repeated row has a neighbour at distance 0.
            self.within[which][rows.counts > 1] = 0.0

    def real_state(self) -> dict[str, Tensor]:
        return {"nearest": self.within["real"], "unit": torch.tensor([self.unit["real"]], dtype=torch.float64)}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        if len(state["nearest"]) != len(pairs.real):
            raise LookupError("the stored state is of another set of real rows")
        self.within["real"], self.unit["real"] = state["nearest"], float(state["unit"][0])

    def same_set(self, which: str, pairs: Pairs) -> Tensor:
        """(n,) 1 for a given row of set `which` if its nearest neighbour is in this set, 0 if not, 0.5 for a tie."""
        rows: FeatureRows = getattr(pairs, which)
        others: FeatureRows = pairs.fake if which == "real" else pairs.real
        inner, outer = self.within[which], self.across[which]
        credit = (inner < outer).double()
        error = self._error(inner, which, rows) + self._error(outer, which, rows)
        for part in ((inner - outer).abs() <= error).nonzero()[:, 0].split(256):
            nearest_own = nearest_exactly(rows, part, rows)
            nearest_own[rows.counts[part] > 1] = 0.0
            nearest_other = nearest_exactly(rows, part, others)
            tied = nearest_own == nearest_other
            credit[part] = torch.where(tied, 0.5, (nearest_own < nearest_other).double())
        return credit[rows.inverse]

    def _error(self, squared: Tensor, which: str, rows: FeatureRows) -> Tensor:
        """Upper bound of the error of `squared`, the smallest squared distance of each row.

        For a row a and its neighbour b, the bound uses |b|^2 <= 2 |a|^2 + 2 |a - b|^2.
        """
        unit = max(self.unit[which], rows.unit_error)
        return unit * (3.0 * rows.norms + 2.0 * squared.clamp(min=0)) * 1.1

    @staticmethod
    def _take(smallest: Tensor, part: slice, distances: Tensor) -> None:
        torch.minimum(smallest[part], distances.double(), out=smallest[part])


def nearest_exactly(rows: FeatureRows, which: Tensor, others: FeatureRows) -> Tensor:
    """(q,) smallest squared distances from the rows with indices `which` to `others`, by differences in float64.

    If `others` is `rows` itself, a row is not its own neighbour.
    """
    return _exact(rows, which, others)[0]


def nearest_pairs(rows: FeatureRows, which: Tensor, others: FeatureRows) -> tuple[Tensor, Tensor]:
    """Pairs of a row and its nearest row in `others`, as two index arrays, for the rows with indices `which`.

    If several rows are equally near, there is a pair for each of them.
    """
    smallest, query, candidate, exact = _exact(rows, which, others)
    nearest = exact == smallest[query]
    return which[query[nearest]], candidate[nearest]


def _exact(rows: FeatureRows, which: Tensor, others: FeatureRows) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Smallest squared distances (q,), and the candidate pairs: query (0 to q - 1), row of `others`, squared distance.

    Candidates are selected by products in the working type (float32 or float64). If there are too many, they are
    selected again in float64. If `others` is `rows` itself, a row is not its own neighbour.
    """
    queries = rows.centred(which)
    norms = (queries * queries).sum(1)
    mask = _candidates(queries, norms, which, rows, others, rows.working)
    if rows.working != torch.float64 and int(mask.sum()) > MANY * len(which):
        mask = _candidates(queries, norms, which, rows, others, torch.float64)
    query, candidate = mask.nonzero(as_tuple=True)
    exact = exact_squares(rows, which[query], others, candidate)
    return torch.full_like(norms, torch.inf).scatter_reduce(0, query, exact, "amin"), query, candidate, exact


def _candidates(
    queries: Tensor, norms: Tensor, which: Tensor, rows: FeatureRows, others: FeatureRows, kind: torch.dtype
) -> Tensor:
    """(q, u) mask of the rows of `others` that can be nearest, given the rounding error of products in type `kind`."""
    if kind == torch.float64:
        parts = [products(queries, norms, others.centred(part), others.norms[part]) for part in others.slices()]
    else:
        small = queries.to(kind), norms.to(kind)
        parts = [products(*small, *others.block_of(part)) for part in others.slices()]
    squared = torch.cat(parts, dim=1).double()
    if others is rows:
        squared[torch.arange(len(which), device=which.device), which] = torch.inf
    smallest = squared.amin(1)
    unit = float64_error(rows.dim) if kind == torch.float64 else rows.unit_error
    margin = 2.2 * unit * (3.0 * norms + 2.0 * smallest.clamp(min=0))
    return squared <= (smallest + margin)[:, None]


def _infinite(rows: FeatureRows) -> Tensor:
    return torch.full((len(rows),), torch.inf, dtype=torch.float64, device=rows.points.device)
