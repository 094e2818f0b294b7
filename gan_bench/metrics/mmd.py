"""Maximum mean discrepancy with a Gaussian kernel.

    k(x, y) = exp(-|x - y|^2 / (2 sigma^2 s)),     s = mean of |x - x'|^2 over all n^2 pairs of real rows

s depends only on the real rows (it is twice the trace of their covariance with divisor n), so it is the same for all
runs of a data set. `mmd_gaussian_v` is the root of the biased estimate of the squared MMD. The biased estimate includes
the pair of each row with itself. So even two sets of real images have a value above 0, which shrinks with n.
`mmd_gaussian_u` is the unbiased estimate of the squared MMD: its expectation is 0 for equal distributions, and it can
be negative.
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
    "paper": "Gretton et al. 2012, JMLR 13:723, eq. 3 and 5; bandwidth of Xu et al. 2018, arXiv:1806.07755, code",
    "settings": {
        "sigma": {"type": "float", "default": 1.0, "above": 0, "help": "bandwidth, in units of sqrt(s) (real spread)"}
    },
    "deviations": [],
    "needs": ["features"],
    "values": {
        "mmd_gaussian_v": {"label": "MMD, Gaussian", "direction": "lower", "range": [0.0, None], "unit": ""},
        "mmd_gaussian_u": {
            "label": "MMD², Gaussian, unbiased",
            "direction": "lower",
            "range": [None, None],
            "unit": "",
        },
    },
    "min_n": 2,
    "estimator": "root of the V-statistic; U-statistic of the square; float64 up to 2 048 rows, else float32 terms",
}


class GaussianSums(KernelSums):
    """Sums of the Gaussian kernel, whose scale is computed from the real rows."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    @property
    def key(self) -> str:
        return f"GaussianSums-{self.sigma!r}"

    def prepare(self, pairs: Pairs) -> None:
        real = pairs.real
        weights = real.counts.double()
        # The scale s is twice the trace of the covariance. `norms` are squared distances to the mean of the real rows.
        self.scale = 2.0 * float(real.norms @ weights) / real.total or float("nan")

    def kernel(self, block: DistanceBlock, out: Tensor) -> Tensor:
        torch.mul(block.squared, -1.0 / (2.0 * self.sigma**2 * self.scale), out=out)
        return out.exp_()

    def itself(self, rows: FeatureRows) -> Tensor:
        return torch.ones_like(rows.norms)


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, GaussianSums]:
    return {"sums": request(GaussianSums, sigma=settings["sigma"])}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    sums: GaussianSums = sets.parts["sums"]
    if np.isnan(sums.scale):
        raise MetricUndefined("all real rows are equal: the kernel has no bandwidth")
    n, m = len(sets.real), len(sets.fake)
    cross = 2.0 * sums.cross / (n * m)
    biased = (sums.off["real"] + n) / n**2 + (sums.off["fake"] + m) / m**2 - cross
    unbiased = sums.off["real"] / (n * (n - 1)) + sums.off["fake"] / (m * (m - 1)) - cross
    # The biased estimate is the square of a norm. A negative result is a rounding error.
    return {"mmd_gaussian_v": max(biased, 0.0) ** 0.5, "mmd_gaussian_u": unbiased}
