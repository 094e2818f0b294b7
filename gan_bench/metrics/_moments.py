"""Mean and covariance of rows, in float64 and memory that does not grow with their number."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

#: Rows that are widened to float64 at once.
BLOCK = 1024


@dataclass(frozen=True)
class Moments:
    """Of rows (n, D): `mean` (D,), `covariance` (D, D) with divisor n - 1, and its Cholesky factor `root` where there
    is
    one and it was asked for. With n <= D rows the covariance is not made: `trace` and `centred` do without it."""

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
            covariance.addmm_(x.T, x)
    covariance /= count - 1
    return Moments(rows, mean, covariance, trace / (count - 1), _cholesky(covariance) if root and not small else None)


def _cholesky(covariance: Tensor) -> Tensor | None:
    root, failed = torch.linalg.cholesky_ex(covariance)
    return None if int(failed) or not bool(torch.isfinite(root).all()) else root
