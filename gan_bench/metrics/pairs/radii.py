"""Squared distance from each row to its k-th nearest neighbour in its own set, exact."""

import torch
from torch import Tensor

from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import FeatureRows, exact_squares, float64_error, products
from gan_bench.metrics.pairs.sets import Pairs

#: Number of candidates kept in addition to the k nearest, so that rounding rarely excludes a true neighbour.
SPARE = 3
#: Number of columns per chunk. The k smallest values of a row are in the k chunks that have the smallest minima.
CHUNK = 64


class Radii(Part):
    """Squared distances to the 1st ... k-th nearest neighbour, for the largest k requested by `want`.

    `squared[which]` is (u, k): exact, ascending values for each of the u distinct rows of the set. A row that occurs c
    times has c - 1 neighbours at distance 0, its copies.
    """

    passes = ("real", "fake")

    def __init__(self) -> None:
        self.k = 1
        self.squared: dict[str, Tensor] = {}
        self._best: dict[str, Tensor] = {}
        self._index: dict[str, Tensor] = {}

    def want(self, k: int) -> "Radii":
        """Request the distances to the first k neighbours, and return the part."""
        self.k = max(self.k, k)
        return self

    def radius(self, which: str, k: int) -> Tensor:
        """(u,) squared distance to the k-th nearest neighbour."""
        return self.squared[which][:, k - 1]

    def begin(self, which: str, pairs: Pairs) -> None:
        rows: FeatureRows = getattr(pairs, which)
        shape = (len(rows), self.k + SPARE)
        self._best[which] = torch.full(shape, torch.inf, dtype=rows.working, device=rows.points.device)
        self._index[which] = torch.zeros(shape, dtype=torch.int64, device=rows.points.device)

    def read(self, which: str, block: DistanceBlock) -> None:
        self._merge(which, block.i, block.squared, block.j.start)
        if not block.diagonal:
            self._merge(which, block.j, block.squared.T, block.i.start)

    def end(self, which: str, pairs: Pairs) -> None:
        rows: FeatureRows = getattr(pairs, which)
        best, index = self._best.pop(which).double(), self._index.pop(which)
        self.squared[which] = torch.cat(
            [_exact_distances(rows, part, best[part], index[part], self.k) for part in rows.slices()]
        )

    def real_state(self) -> dict[str, Tensor]:
        return {"squared": self.squared["real"]}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        squared = state["squared"]
        if len(squared) != len(pairs.real) or squared.shape[1] < self.k:
            raise LookupError("the stored state is of another set of real rows, or has too few neighbours")
        self.squared["real"] = squared

    def _merge(self, which: str, part: slice, squared: Tensor, offset: int) -> None:
        """Merge the columns of `squared` into the smallest squared distances found so far."""
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
    """The `count` smallest values of each row, and their columns.

    If the columns can be divided into enough chunks, only the chunks with the smallest minima are searched.
    """
    rows, columns = squared.shape
    if columns % CHUNK or columns // CHUNK <= count:
        return squared.topk(min(count, columns), dim=1, largest=False)
    chunks = squared.reshape(rows, columns // CHUNK, CHUNK)
    which = chunks.amin(2).topk(count, dim=1, largest=False).indices
    kept = chunks.gather(1, which[:, :, None].expand(-1, -1, CHUNK)).flatten(1)
    values, position = kept.topk(count, dim=1, largest=False)
    return values, which.gather(1, position // CHUNK) * CHUNK + position % CHUNK


def _exact_distances(rows: FeatureRows, part: slice, best: Tensor, index: Tensor, k: int) -> Tensor:
    """(b, k) exact squared distances of the rows in `part`, from their candidates (b, k + SPARE)."""
    queries = torch.arange(part.start, part.stop, device=best.device)
    error = 1.1 * rows.unit_error * (3.0 * rows.norms[part][:, None] + 2.0 * best.clamp(min=0))
    # Rounding moves the k-th smallest value by at most the error of the values, so the k nearest are within `reach`.
    reach = best[:, k - 1 : k] + 2.0 * error[:, k - 1 : k]
    row, column = (torch.isfinite(best) & (best <= reach)).nonzero(as_tuple=True)
    exact = torch.full_like(best, torch.inf)
    exact[row, column] = exact_squares(rows, queries[row], rows, index[row, column])
    settled = _kth_of_repeated(exact, rows.counts[index], rows.counts[queries] - 1, k)
    # A row that is not among the candidates is at least as far as the last candidate, up to rounding.
    if len(rows) - 1 > best.shape[1]:
        uncertain = (best[:, -1] - error[:, -1] <= settled[:, -1] + error[:, -1]).nonzero()[:, 0]
        for part_rows in uncertain.split(256):
            settled[part_rows] = _exhaustive_distances(rows, queries[part_rows], k)
    return settled


def _kth_of_repeated(squared: Tensor, counts: Tensor, copies: Tensor, k: int) -> Tensor:
    """(b, k) squared distances to the 1st ... k-th neighbour, where a candidate stands for `counts` equal rows.

    `copies` (b,) is the number of further copies of the row itself, at distance 0.
    """
    squared, order = squared.sort(dim=1)
    reached = copies[:, None] + counts.gather(1, order).cumsum(1)
    columns = []
    for rank in range(1, k + 1):
        index = (reached < rank).sum(1).clamp(max=squared.shape[1] - 1)
        value = squared.gather(1, index[:, None])[:, 0]
        columns.append(torch.where(copies >= rank, 0.0, value))
    return torch.stack(columns, dim=1)


def _exhaustive_distances(rows: FeatureRows, which: Tensor, k: int) -> Tensor:
    """(q, k) squared distances like `_exact_distances`, but the candidates come from float64 products with all rows."""
    queries = rows.centred(which)
    norms = (queries * queries).sum(1)
    approximate = torch.cat([products(queries, norms, rows.centred(p), rows.norms[p]) for p in rows.slices()], dim=1)
    approximate[torch.arange(len(which), device=which.device), which] = torch.inf
    reach = approximate.topk(min(k, len(rows)), dim=1, largest=False).values[:, -1]
    margin = 2.2 * float64_error(rows.dim) * (3.0 * norms + 2.0 * reach.clamp(min=0))
    row, column = (approximate <= (reach + margin)[:, None]).nonzero(as_tuple=True)
    exact = torch.full_like(approximate, torch.inf)
    exact[row, column] = exact_squares(rows, which[row], rows, column)
    values, index = exact.topk(min(k, len(rows)), dim=1, largest=False)
    return _kth_of_repeated(values, rows.counts[index], rows.counts[which] - 1, k)
