"""Mean and covariance of rows, in float64 and memory that does not grow with their number."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

#: Rows that are widened to float64 at once.
BLOCK = 1024

#: Share of a feature's variance that the features before it must leave for a Cholesky factor to be right.
PIVOT = 1e-13

#: Rows of a covariance that are multiplied at once: its lower half follows from the upper.
STRIP = 256


@dataclass(frozen=True)
class Moments:
    """Of rows (n, D): `mean` (D,), `covariance` (D, D) with divisor n - 1, and its Cholesky factor `root` where one
    exists and was asked for. With n <= D rows the covariance is not made: `trace` and `centred` do without it."""

    rows: Tensor
    mean: Tensor
    covariance: Tensor
    trace: Tensor
    root: Tensor | None

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def dim(self) -> int:
        return int(self.rows.shape[1])

    def centred(self) -> Tensor:
        """Rows minus their mean over sqrt(n - 1), so that X'X is the covariance. float64."""
        return (self.rows.double() - self.mean) / (self.count - 1) ** 0.5

    def arrays(self) -> dict[str, np.ndarray]:
        """All but the rows, as `of` reads them."""
        root = self.covariance.new_zeros(0) if self.root is None else self.root
        found = {"mean": self.mean, "covariance": self.covariance, "trace": self.trace.reshape(1), "root": root}
        return {name: value.cpu().numpy() for name, value in found.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], rows: Tensor) -> "Moments":
        """The moments that `arrays` hold of `rows`."""
        mean, covariance, trace, root = (
            torch.from_numpy(np.array(arrays[name])).to(rows.device) for name in ("mean", "covariance", "trace", "root")
        )
        return cls(rows, mean, covariance, trace[0], root if len(root) else None)


def moments(rows: Tensor, *, root: bool = False) -> Moments:
    """Of rows (n, D), n >= 2, in blocks: centred at the mean before they are multiplied, which keeps the digits."""
    count, dim = rows.shape
    mean = rows.new_zeros(dim, dtype=torch.float64)
    for part in rows.split(BLOCK):
        mean += part.double().sum(0)
    mean /= count
    trace = mean.new_zeros(())
    small = count <= dim
    covariance = mean.new_zeros((0, 0) if small else (dim, dim))
    for part in rows.split(BLOCK):
        x = part.double() - mean
        trace += (x * x).sum()
        if not small:
            _add_square(covariance, x)
    if not small:
        covariance = torch.triu(covariance) + torch.triu(covariance, 1).T
    covariance /= count - 1
    return Moments(rows, mean, covariance, trace / (count - 1), cholesky(covariance) if root and not small else None)


def _add_square(total: Tensor, x: Tensor) -> None:
    """Add X'X to the upper triangle of `total`, strip by strip; below the diagonal strips only half is multiplied."""
    for start in range(0, len(total), STRIP):
        rows = slice(start, start + STRIP)
        total[rows, start:].addmm_(x[:, rows].T, x[:, start:])


def cholesky(covariance: Tensor) -> Tensor | None:
    """Lower L with L L' = covariance (D, D), None where a column follows from those before it up to rounding."""
    root, failed = torch.linalg.cholesky_ex(covariance)
    own = root.diagonal() ** 2 > PIVOT * covariance.diagonal()
    return root if not int(failed) and bool(own.all()) and bool(torch.isfinite(root).all()) else None
