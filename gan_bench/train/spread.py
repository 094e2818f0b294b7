"""Distances within a minibatch of images, and between two minibatches."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

#: A real image counts as covered if some generated image is at most as far away as the fifth nearest other real image.
NEIGHBOURS = 5


@dataclass(frozen=True)
class BatchRows:
    """A minibatch as rows (n, D), n >= 2, with statistics of distances, each computed once."""

    values: Tensor

    @cached_property
    def distances(self) -> Tensor:
        """(n, n) Euclidean distances between rows."""
        return distances(self.values, self.values)

    @cached_property
    def pair(self) -> Tensor:
        """Mean distance between two rows."""
        n = len(self.values)
        return self.distances.sum() / (n * (n - 1))

    @cached_property
    def nearest(self) -> Tensor:
        """Mean distance of a row to its nearest other row."""
        return self.ordered[:, 1].mean()

    @cached_property
    def sd(self) -> Tensor:
        """Root of the mean squared distance from the mean row."""
        return self.values.var(dim=0, correction=0).sum().sqrt()

    @cached_property
    def mean(self) -> Tensor:
        """The mean row, (D,)."""
        return self.values.mean(dim=0)

    @cached_property
    def ordered(self) -> Tensor:
        """(n, n): each row's distances in ascending order.

        A row's distance to itself is set to -1, so that it is always the first.
        """
        distances = self.distances.clone().fill_diagonal_(-1.0)
        return distances.sort(dim=1).values

    @cached_property
    def radii(self) -> Tensor:
        """(n,) distance of each row to its fifth nearest other row; NaN if there are fewer than five other rows."""
        if len(self.values) <= NEIGHBOURS:
            return self.values.new_full((len(self.values),), torch.nan)
        return self.ordered[:, NEIGHBOURS]


def rows_of(batch: Tensor) -> BatchRows:
    """A minibatch (n, ...) of any shape, in double precision."""
    return BatchRows(batch.flatten(1).double())


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances (n, m) between rows (n, D) and rows (m, D), by one matrix product.

    The first row of `a` is subtracted from all rows, which makes rounding errors smaller: if all rows are equal, their
    distances are exactly 0.
    """
    a, b = a - a[0], b - a[0]
    squares = a.square().sum(dim=1)[:, None] + b.square().sum(dim=1) - 2 * (a @ b.T)
    return squares.clamp_min(0).sqrt()


def compare(fake: BatchRows, real: BatchRows) -> Tensor:
    """Five comparisons of two minibatches, (5,).

    The first three are `pair`, `nearest` and `sd` of `fake`, each divided by the same statistic of `real`. The fourth
    is the distance between the means, divided by `sd` of `real`. The fifth is the share of real rows that have a fake
    row within their radius (`radii`).
    """
    shift = torch.linalg.vector_norm(fake.mean - real.mean) / real.sd
    closest = distances(real.values, fake.values).amin(dim=1)
    # The second term makes the share NaN if a distance or radius is NaN. Without it, NaN would count as not covered.
    covered = (closest <= real.radii) + 0 * (closest + real.radii)
    return torch.stack((fake.pair / real.pair, fake.nearest / real.nearest, fake.sd / real.sd, shift, covered.mean()))
