"""Blocks of squared distances between rows, each pair once, and which pairs of a block are below a limit."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.metrics.pairs.rows import Rows, exact_squares

#: Rows of a block on the diagonal.
DIAGONAL = 128


@dataclass(frozen=True)
class Block:
    """`squared` (a, b): distances of rows `i` of `left` to rows `j` of `right`, in the frame's units, to be read only.

    `diagonal`: the block of a set with itself; the distances of rows to themselves are infinite there.
    """

    left: Rows
    right: Rows
    i: slice
    j: slice
    squared: Tensor
    diagonal: bool = False

    def errors(self) -> tuple[Tensor, Tensor]:
        """(a,) and (b,): a distance is off by at most the sum of its row's and its column's."""
        unit = self.left.unit_error
        return unit * self.left.norms[self.i], unit * self.right.norms[self.j]

    def below(self, limit: Tensor, axis: int, inclusive: bool = False) -> tuple[Tensor, Tensor]:
        """Row and column numbers (within the block) of pairs nearer than `limit`, decided exactly.

        limit: (a,) for each row with axis 0, (b,) for each column with axis 1; float64, exact. `inclusive`: or as near.
        """
        row_error, column_error = self.errors()
        own, other = (row_error, column_error) if axis == 0 else (column_error, row_error)
        bound = (limit + own + other.max()).to(self.squared.dtype)
        # A rounding up, since the comparison is made in the working type.
        bound = torch.nextafter(bound, torch.full_like(bound, torch.inf))
        rows, columns = _where(self.squared <= (bound[:, None] if axis == 0 else bound[None, :]))
        distance = self.squared[rows, columns].double()
        wanted = limit[rows] if axis == 0 else limit[columns]
        error = row_error[rows] + column_error[columns]
        decided = distance < wanted - error
        close = ((distance - wanted).abs() <= error).nonzero()[:, 0]
        if len(close):
            exact = exact_squares(self.left, rows[close] + self.i.start, self.right, columns[close] + self.j.start)
            decided[close] = exact <= wanted[close] if inclusive else exact < wanted[close]
        return rows[decided], columns[decided]


def within(rows: Rows) -> Iterator[Block]:
    """Blocks of a set with itself, upper triangle; small ones along the diagonal, where half of a block is waste."""
    buffer = _buffer(rows, rows)
    parts = rows.slices()
    for a, i in enumerate(parts):
        small = [slice(start, min(start + DIAGONAL, i.stop)) for start in range(i.start, i.stop, DIAGONAL)]
        for b, k in enumerate(small):
            for j in small[b:]:
                squared = _product(rows.piece(i, k), rows.piece(i, j), buffer)
                if k == j:
                    squared.fill_diagonal_(torch.inf)
                yield Block(rows, rows, k, j, squared, k == j)
        for j in parts[a + 1 :]:
            yield Block(rows, rows, i, j, _product(rows.block_of(i), rows.block_of(j), buffer))


def between(left: Rows, right: Rows) -> Iterator[Block]:
    """Blocks of one set with another."""
    buffer = _buffer(left, right)
    for i in left.slices():
        mine = left.block_of(i)
        for j in right.slices():
            yield Block(left, right, i, j, _product(mine, right.block_of(j), buffer))


def _buffer(left: Rows, right: Rows) -> Tensor:
    shape = (min(left.block, len(left)) * min(right.block, len(right)),)
    return torch.empty(shape, dtype=left.working, device=left.points.device)


def _product(left: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor], buffer: Tensor) -> Tensor:
    """|a|^2 + |b|^2 - 2 a . b of rows with their squares."""
    (a, aa), (b, bb) = left, right
    out = buffer[: len(a) * len(b)].view(len(a), len(b))
    torch.addmm(bb[None, :], a, b.T, alpha=-2.0, out=out)
    return out.add_(aa[:, None])


def _where(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column of each true entry."""
    found = mask.nonzero()
    return found[:, 0], found[:, 1]
