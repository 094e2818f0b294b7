"""Mean and covariance of rows in float64, computed from blocks of rows to save memory."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

#: Number of rows converted to float64 at a time.
BLOCK = 1024

#: Least share of a feature's variance that must remain after regression on the features before it. With a smaller
#: share, the Cholesky factor would be inaccurate and is not used.
PIVOT = 1e-13

#: Number of rows of the covariance matrix that are computed at a time. Only the upper triangle is computed; the lower
#: triangle mirrors it.
STRIP = 256


@dataclass(frozen=True)
class Moments:
    """Moments of rows (n, D): `mean` (D,), `covariance` (D, D) with divisor n - 1, and `trace`, the covariance's trace.

    `root` is the covariance's Cholesky factor; None if it was not requested or cannot be computed accurately. With n <=
    D the covariance is not computed (its shape is (0, 0)); `trace` and `centred` do not need it.
    """

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
        """X = rows minus their mean, divided by sqrt(n - 1), in float64. X'X is the covariance."""
        return (self.rows.double() - self.mean) / (self.count - 1) ** 0.5

    def arrays(self) -> dict[str, np.ndarray]:
        """All fields except the rows, in the form that `of` reads."""
        root = self.covariance.new_zeros(0) if self.root is None else self.root
        tensors = {"mean": self.mean, "covariance": self.covariance, "trace": self.trace.reshape(1), "root": root}
        return {name: value.cpu().numpy() for name, value in tensors.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], rows: Tensor) -> "Moments":
        """Moments of `rows`, restored from `arrays`."""
        mean, covariance, trace, root = (
            torch.from_numpy(np.array(arrays[name])).to(rows.device) for name in ("mean", "covariance", "trace", "root")
        )
        return cls(rows, mean, covariance, trace[0], root if len(root) else None)


def moments(rows: Tensor, *, root: bool = False) -> Moments:
    """Moments of rows (n, D), n >= 2, by blocks. Rows are centred before they are multiplied, for precision."""
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
    """Add X'X to the upper triangle of `total`, STRIP rows of `total` at a time.

    About half of the products are in the lower triangle and are not computed.
    """
    for start in range(0, len(total), STRIP):
        rows = slice(start, start + STRIP)
        total[rows, start:].addmm_(x[:, rows].T, x[:, start:])


def cholesky(covariance: Tensor) -> Tensor | None:
    """Lower L with L L' = covariance (D, D); None if a column depends linearly on earlier columns, up to rounding."""
    root, failed = torch.linalg.cholesky_ex(covariance)
    pivots = root.diagonal() ** 2 > PIVOT * covariance.diagonal()
    return root if not int(failed) and bool(pivots.all()) and bool(torch.isfinite(root).all()) else None
