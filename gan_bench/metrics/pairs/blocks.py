"""Blocks of squared distances between rows, and exact comparison with a limit.

Each pair of rows is in one block. A block on the diagonal of the matrix of distances holds each of its pairs in both
orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.metrics.pairs.rows import FeatureRows, exact_squares

#: Largest number of rows of a block on the diagonal.
DIAGONAL = 128


@dataclass(frozen=True)
class DistanceBlock:
    """Squared distances between rows `i` of `left` and rows `j` of `right`.

    squared: (a, b), in the units of the frame (shifted and scaled features). It must not be changed.
    diagonal: whether rows `i` of `left` are the same as rows `j` of `right`. If so, the distance of each row to itself
        is infinite.
    """

    left: FeatureRows
    right: FeatureRows
    i: slice
    j: slice
    squared: Tensor
    diagonal: bool = False

    def errors(self) -> tuple[Tensor, Tensor]:
        """(a,) and (b,): the error of `squared[r, c]` is at most entry r of the first plus entry c of the second."""
        unit = self.left.unit_error
        return unit * self.left.norms[self.i], unit * self.right.norms[self.j]

    def below(self, limit: Tensor, axis: int, inclusive: bool = False) -> tuple[Tensor, Tensor]:
        """Row and column indices (within the block) of the pairs nearer than `limit`. The comparison is exact.

        Args:
            limit: exact float64 squared distances: one for each row (a,) if `axis` is 0, one for each column (b,) if it
                is 1.
            inclusive: whether pairs at exactly the limit are included.
        """
        row_error, column_error = self.errors()
        axis_error, other_error = (row_error, column_error) if axis == 0 else (column_error, row_error)
        bound = (limit + axis_error + other_error.max()).to(self.squared.dtype)
        # The bound is rounded up, so that no pair is lost when the comparison is made in the working type (float32 or
        # float64).
        bound = torch.nextafter(bound, torch.full_like(bound, torch.inf))
        rows, columns = _true_entries(self.squared <= (bound[:, None] if axis == 0 else bound[None, :]))
        distance = self.squared[rows, columns].double()
        threshold = limit[rows] if axis == 0 else limit[columns]
        error = row_error[rows] + column_error[columns]
        decided = distance < threshold - error
        close = ((distance - threshold).abs() <= error).nonzero()[:, 0]
        if len(close):
            exact = exact_squares(self.left, rows[close] + self.i.start, self.right, columns[close] + self.j.start)
            decided[close] = exact <= threshold[close] if inclusive else exact < threshold[close]
        return rows[decided], columns[decided]


def within(rows: FeatureRows) -> Iterator[DistanceBlock]:
    """Blocks of a set with itself: the upper triangle of the matrix of distances.

    Half of each block on the diagonal is redundant, so blocks on the diagonal are small.
    """
    buffer = _buffer(rows, rows)
    parts = rows.slices()
    for a, i in enumerate(parts):
        small = [slice(start, min(start + DIAGONAL, i.stop)) for start in range(i.start, i.stop, DIAGONAL)]
        for b, k in enumerate(small):
            for j in small[b:]:
                squared = _product(rows.piece(i, k), rows.piece(i, j), buffer)
                if k == j:
                    squared.fill_diagonal_(torch.inf)
                yield DistanceBlock(rows, rows, k, j, squared, k == j)
        for j in parts[a + 1 :]:
            yield DistanceBlock(rows, rows, i, j, _product(rows.block_of(i), rows.block_of(j), buffer))


def between(left: FeatureRows, right: FeatureRows) -> Iterator[DistanceBlock]:
    """Blocks of one set with another."""
    buffer = _buffer(left, right)
    for i in left.slices():
        left_rows = left.block_of(i)
        for j in right.slices():
            yield DistanceBlock(left, right, i, j, _product(left_rows, right.block_of(j), buffer))


def _buffer(left: FeatureRows, right: FeatureRows) -> Tensor:
    shape = (min(left.block, len(left)) * min(right.block, len(right)),)
    return torch.empty(shape, dtype=left.working, device=left.points.device)


def _product(left: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor], buffer: Tensor) -> Tensor:
    """|a|^2 + |b|^2 - 2 a . b of rows, given their squared norms."""
    (a, aa), (b, bb) = left, right
    out = buffer[: len(a) * len(b)].view(len(a), len(b))
    torch.addmm(bb[None, :], a, b.T, alpha=-2.0, out=out)
    return out.add_(aa[:, None])


def _true_entries(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column of each true entry."""
    entries = mask.nonzero()
    return entries[:, 0], entries[:, 1]
