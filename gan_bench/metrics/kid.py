"""Kernel Inception Distance: squared maximum mean discrepancy with a cubic polynomial kernel, unbiased.

    k(x, y) = (x . y / D + 1)^3,     features not centred, because this kernel depends on the origin

`kid` is the U-statistic over all rows. It is deterministic, has expectation 0 for equal distributions and can be
negative. `kid_subsets` is the mean over 100 random subsets, each with 1,000 real and 1,000 generated rows. Other suites
report this mean. The subsets are drawn as in torch-fidelity: seed 2020, generated rows before real rows.
`kid_subsets_sd` is the standard deviation of the values of the subsets. The subsets overlap, so this deviation is not a
standard error and does not shrink with the number of subsets.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.pairs import Pairs, Requests
from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.rows import FeatureRows
from gan_bench.metrics.pairs.sums import KernelSums

FACTS = {
    "paper": "Bińkowski et al. 2018, arXiv:1801.01401, sec. 3 and 4",
    "settings": {
        "subsets": {"type": "int", "default": 100, "min": 1, "help": "number of subsets"},
        "subset_size": {"type": "int", "default": 1000, "min": 2, "unit": "rows", "help": "rows of each subset"},
        "subset_seed": {"type": "int", "default": 2020, "min": 0, "help": "seed of the subsets (NumPy's RandomState)"},
    },
    "deviations": ["the feature space is the run's extractor; Bińkowski et al. use Inception-v3 pool3"],
    "needs": ["features"],
    "values": {
        "kid": {"label": "KID", "direction": "lower", "range": [None, None], "unit": ""},
        "kid_subsets": {"label": "KID, subsets", "direction": "lower", "range": [None, None], "unit": ""},
        "kid_subsets_sd": {"label": "KID, sd between subsets", "direction": "none", "range": [0.0, None], "unit": ""},
    },
    "min_n": 2,
    "estimator": "U-statistic of all rows; mean of seeded overlapping subsets, sd with the number of subsets as "
    "divisor; float64 up to 2 048 rows, float32 terms for more rows",
}


class CubicSums(KernelSums):
    """Sums of the cubic kernel over all pairs of rows, and over the pairs of rows of each subset."""

    def __init__(self, subsets: int, subset_size: int, subset_seed: int) -> None:
        super().__init__()
        self.subsets, self.subset_size, self.subset_seed = subsets, subset_size, subset_seed
        self.sums: dict[str, Tensor] = {}

    @property
    def key(self) -> str:
        return f"CubicSums-{self.subsets}-{self.subset_size}-{self.subset_seed}"

    def prepare(self, pairs: Pairs) -> None:
        if not hasattr(self, "unit"):
            self.unit = pairs.frame.factor**-2
            self._products: dict[int, Tensor] = {}

    def begin(self, which: str, pairs: Pairs) -> None:
        super().begin(which, pairs)
        if not hasattr(self, "chosen"):
            self.chosen = self._draw(pairs)
        self.sums[which] = pairs.real.norms.new_zeros(self.subsets)

    def kernel(self, block: DistanceBlock, out: Tensor) -> Tensor:
        """k(x, y) from x . y = (|x|^2 + |y|^2 - |x - y|^2) / 2 of uncentred rows."""
        dim = block.left.dim
        left = self._norms(block.left)[block.i] / (2 * dim) + 1.0
        right = self._norms(block.right)[block.j] / (2 * dim)
        torch.mul(block.squared, -self.unit / (2 * dim), out=out)
        out += left.to(out.dtype)[:, None]
        out += right.to(out.dtype)[None, :]
        if block.diagonal:
            out.fill_diagonal_(0.0)
        return out.pow_(3)

    def itself(self, rows: FeatureRows) -> Tensor:
        return (self._norms(rows) / rows.dim + 1.0) ** 3

    def gather(self, which: str, block: DistanceBlock, values: Tensor, times: float) -> None:
        left, right = ("real", "fake") if which == "cross" else (which, which)
        if left not in self.chosen or right not in self.chosen:
            return
        rows, columns = self.chosen[left][block.i], self.chosen[right][block.j]
        products = values @ columns.to(values.dtype)
        self.sums[which] += times * (products.double() * rows).sum(0)

    def end(self, which: str, pairs: Pairs) -> None:
        super().end(which, pairs)
        if which != "cross" and which in self.chosen:
            # Equal rows of a subset are merged, so no block has their pairs. The kernel of two equal rows is k(x, x).
            chosen, itself = self.chosen[which].double(), self.itself(getattr(pairs, which))
            self.sums[which] += (itself[:, None] * chosen * (chosen - 1.0)).sum(0)

    def real_state(self) -> dict[str, Tensor]:
        sizes = torch.tensor([self._counts[0], self._counts[1]])
        return {**super().real_state(), "subsets": self.sums["real"], "sizes": sizes}

    def restore(self, state: dict[str, Tensor], pairs: Pairs) -> None:
        self.prepare(pairs)
        self.chosen = self._draw(pairs)
        if state["sizes"].tolist() != list(self._counts):
            raise LookupError("the stored subsets were drawn for other numbers of rows")
        super().restore(state, pairs)
        self.sums["real"] = state["subsets"]

    def values(self) -> Tensor | None:
        """(subsets,) unbiased estimate from each subset; None if the real or generated set is smaller than a subset."""
        if not self.chosen:
            return None
        size = self.subset_size
        within = (self.sums["real"] + self.sums["fake"]) / (size * (size - 1))
        return within - 2.0 * self.sums["cross"] / size**2

    def _draw(self, pairs: Pairs) -> dict[str, Tensor]:
        """{"fake": (u, subsets), "real": ...}: how often each distinct row is in each subset."""
        real, fake = pairs.real, pairs.fake
        self._counts = (real.total, fake.total)
        if min(self._counts) < self.subset_size:
            return {}
        rng = np.random.RandomState(self.subset_seed)
        membership = {
            "fake": np.zeros((fake.total, self.subsets), np.float32),
            "real": np.zeros((real.total, self.subsets), np.float32),
        }
        for subset in range(self.subsets):
            for side in ("fake", "real"):
                membership[side][rng.choice(len(membership[side]), self.subset_size, replace=False), subset] = 1.0
        return {side: _merged(getattr(pairs, side), torch.from_numpy(counts)) for side, counts in membership.items()}

    def _norms(self, rows: FeatureRows) -> Tensor:
        """(u,) |x|^2 of uncentred rows, float64."""
        norms = self._products.get(id(rows))
        if norms is None:
            parts = [rows.points[part].double() for part in rows.slices()]
            norms = torch.cat([(x * x).sum(1) for x in parts])
            self._products[id(rows)] = norms
        return norms


def _merged(rows: FeatureRows, chosen: Tensor) -> Tensor:
    """`chosen` (n, subsets), summed over equal feature rows to (u, subsets)."""
    chosen = chosen.to(rows.points.device)
    if not rows.repeated:
        return chosen
    return chosen.new_zeros((len(rows), chosen.shape[1])).index_add(0, rows.inverse, chosen)


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, CubicSums]:
    return {"sums": request(CubicSums, **{key: settings[key] for key in ("subsets", "subset_size", "subset_seed")})}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    sums: CubicSums = sets.parts["sums"]
    n, m = len(sets.real), len(sets.fake)
    within = sums.off["real"] / (n * (n - 1)) + sums.off["fake"] / (m * (m - 1))
    subsets = sums.values()
    few = MetricUndefined(f"needs {settings['subset_size']} rows of each set; there are {n} and {m}")
    return {
        "kid": within - 2.0 * sums.cross / (n * m),
        "kid_subsets": few if subsets is None else float(subsets.mean()),
        "kid_subsets_sd": few if subsets is None else float(subsets.std(correction=0)),
    }
