"""Distance from each row to its k-th nearest of its own set, exactly."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import Rows, exact_squares, float64_error, products
from gan_bench.metrics.pairs.sets import Pairs

#: Neighbours kept beyond the k-th, so that rounding rarely hides one that is really nearer.
SPARE = 3
#: Columns of which the smallest is taken first when the k smallest of a row are sought.
CHUNK = 64


class Radii(Part):
    """Squared distances to the 1st ... k-th nearest other row, for the largest k that was `want`ed.

    `squared[which]` is (u, k) of the different rows, ascending and exact. A row that stands in its set several times
    counts as its own neighbour at distance 0, once less than it stands there.
    """

    passes = ("real", "fake")

    def __init__(self) -> None:
        self.k = 1
        self.squared: dict[str, Tensor] = {}
        self._best: dict[str, Tensor] = {}
        self._index: dict[str, Tensor] = {}

    def want(self, k: int) -> "Radii":
        """Ask for the k-th neighbour; returns the part."""
        self.k = max(self.k, k)
        return self

    def radius(self, which: str, k: int) -> Tensor:
        """(u,) squared distance to the k-th nearest."""
        return self.squared[which][:, k - 1]

    def begin(self, which: str, pairs: Pairs) -> None:
        rows: Rows = getattr(pairs, which)
        shape = (len(rows), self.k + SPARE)
        self._best[which] = torch.full(shape, torch.inf, dtype=rows.working, device=rows.points.device)
        self._index[which] = torch.zeros(shape, dtype=torch.int64, device=rows.points.device)

    def read(self, which: str, block: Block) -> None:
        self._merge(which, block.i, block.squared, block.j.start)
        if not block.diagonal:
            self._merge(which, block.j, block.squared.T, block.i.start)

    def end(self, which: str, pairs: Pairs) -> None:
        rows: Rows = getattr(pairs, which)
        best, index = self._best.pop(which).double(), self._index.pop(which)
        self.squared[which] = torch.cat(
            [_settle(rows, part, best[part], index[part], self.k) for part in rows.slices()]
        )

    def real_state(self) -> dict[str, Tensor]:
        return {"squared": self.squared["real"]}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        found = state["squared"]
        if len(found) != len(pairs.real) or found.shape[1] < self.k:
            raise LookupError("another set of real rows, or fewer neighbours")
        self.squared["real"] = found

    def _merge(self, which: str, part: slice, squared: Tensor, offset: int) -> None:
        """Keep the smallest of what was kept and of the columns of `squared`, of rows where one of them is smaller."""
        best, index = self._best[which][part], self._index[which][part]
        better = (squared.amin(1) < best[:, -1]).nonzero()[:, 0]
        if not len(better):
            return
        values, columns = _smallest(squared[better], best.shape[1])
        joined = torch.cat([best[better], values], dim=1)
        numbers = torch.cat([index[better], columns + offset], dim=1)
        best[better], order = joined.topk(best.shape[1], dim=1, largest=False)
        index[better] = numbers.gather(1, order)


def _smallest(squared: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` smallest of each row with their columns: they lie in the chunks with the smallest minima."""
    rows, columns = squared.shape
    if columns % CHUNK or columns // CHUNK <= count:
        return squared.topk(min(count, columns), dim=1, largest=False)
    chunks = squared.reshape(rows, columns // CHUNK, CHUNK)
    which = chunks.amin(2).topk(count, dim=1, largest=False).indices
    kept = chunks.gather(1, which[:, :, None].expand(-1, -1, CHUNK)).flatten(1)
    values, place = kept.topk(count, dim=1, largest=False)
    return values, which.gather(1, place // CHUNK) * CHUNK + place % CHUNK


def _settle(rows: Rows, part: slice, best: Tensor, index: Tensor, k: int) -> Tensor:
    """(b, k) exact distances from the candidates (b, k + SPARE) of rows `part`."""
    mine = torch.arange(part.start, part.stop, device=best.device)
    error = 1.1 * rows.unit_error * (3.0 * rows.norms[part][:, None] + 2.0 * best.clamp(min=0))
    # Order statistics move by no more than the error of what is ordered: later candidates cannot be among the first k.
    reach = best[:, k - 1 : k] + 2.0 * error[:, k - 1 : k]
    row, column = (torch.isfinite(best) & (best <= reach)).nonzero(as_tuple=True)
    exact = torch.full_like(best, torch.inf)
    exact[row, column] = exact_squares(rows, mine[row], rows, index[row, column])
    settled = _weighted(exact, rows.counts[index], rows.counts[mine] - 1, k)
    # A row that was not kept is no nearer than the last that was.
    if len(rows) - 1 > best.shape[1]:
        lost = (best[:, -1] - error[:, -1] <= settled[:, -1] + error[:, -1]).nonzero()[:, 0]
        for some in lost.split(256):
            settled[some] = _thoroughly(rows, mine[some], k)
    return settled


def _weighted(squared: Tensor, counts: Tensor, own: Tensor, k: int) -> Tensor:
    """(b, k) distances to the 1st ... k-th neighbour where each candidate stands `counts` times and the row `own`."""
    squared, order = squared.sort(dim=1)
    reached = own[:, None] + counts.gather(1, order).cumsum(1)
    found = []
    for nth in range(1, k + 1):
        place = (reached < nth).sum(1).clamp(max=squared.shape[1] - 1)
        value = squared.gather(1, place[:, None])[:, 0]
        found.append(torch.where(own >= nth, 0.0, value))
    return torch.stack(found, dim=1)


def _thoroughly(rows: Rows, which: Tensor, k: int) -> Tensor:
    """(q, k) as `_settle`, from products in float64 with all rows and differences of all that may matter."""
    mine = rows.centred(which)
    norms = (mine * mine).sum(1)
    approximate = torch.cat([products(mine, norms, rows.centred(p), rows.norms[p]) for p in rows.slices()], dim=1)
    approximate[torch.arange(len(which), device=which.device), which] = torch.inf
    reach = approximate.topk(min(k, len(rows)), dim=1, largest=False).values[:, -1]
    margin = 2.2 * float64_error(rows.dim) * (3.0 * norms + 2.0 * reach.clamp(min=0))
    row, column = (approximate <= (reach + margin)[:, None]).nonzero(as_tuple=True)
    exact = torch.full_like(approximate, torch.inf)
    exact[row, column] = exact_squares(rows, which[row], rows, column)
    values, index = exact.topk(min(k, len(rows)), dim=1, largest=False)
    return _weighted(values, rows.counts[index], rows.counts[which] - 1, k)
