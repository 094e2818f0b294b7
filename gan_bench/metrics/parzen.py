"""Parzen-window log-likelihood of the real rows: a Gaussian kernel at every generated row.

    log p(x) = logsumexp_j( -|x - y_j|^2 / (2 s^2) ) - log m - D/2 log(2 pi s^2),     in nats, in the features' units

The bandwidth s maximises the mean over a seeded subset of training rows on a grid between two bounds of the maximum:
where the derivative in s vanishes, D s^2 is a mean of squared distances to generated rows in which near ones weigh
more, so s^2 is at least the mean squared distance to the nearest row over D, and at most that to all rows over D.

It is here because older tables have it, and it misleads (Theis et al. 2016): in many dimensions no number of
samples that can be had brings it near the true log-likelihood, and it does not even rank models rightly. A generator
that gives cluster centres of the data again and again can beat samples of the true law. Do not choose models by it.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.pairs import Pairs, Requests
from gan_bench.metrics.pairs.blocks import Block
from gan_bench.metrics.pairs.nearest import nearest_exactly
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import Rows, products
from gan_bench.seeds import generator

FACTS = {
    "paper": "Breuleux et al. 2011, Neural Computation 23:2053; Goodfellow et al. 2014, arXiv:1406.2661, sec. 5; why "
    "not to trust it: Theis et al. 2016, arXiv:1511.01844",
    "settings": {
        "validation": {
            "type": "int",
            "default": 1000,
            "min": 1,
            "unit": "rows",
            "help": "training rows that choose the bandwidth; all of them where there are fewer",
        },
        "bandwidths": {"type": "int", "default": 20, "min": 2, "help": "bandwidths that are tried, log-spaced"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the choice of training rows"},
    },
    "deviations": [
        "the rows are features of the run's extractor; the papers have pixels in [0, 1]",
        "the bandwidth is chosen on training rows; the papers hold out validation rows of their own",
    ],
    "needs": ["features", "train"],
    "values": {
        "parzen_log_likelihood": {
            "label": "Parzen log-likelihood",
            "direction": "higher",
            "range": [None, None],
            "unit": "nats",
        },
        "parzen_se": {
            "label": "Parzen log-likelihood, standard error",
            "direction": "none",
            "range": [0.0, None],
            "unit": "nats",
        },
        "parzen_bandwidth": {"label": "Parzen bandwidth", "direction": "none", "range": [0.0, None], "unit": ""},
    },
    "min_n": 2,
    "estimator": "kernel density of all generated rows; standard error over real rows alone; misleads in many "
    "dimensions: it ranks models wrongly and can prefer memorised cluster centres to the true law (Theis et al. 2016); "
    "float64 sums, distances in float32 above 2 048 rows",
}


class Parzen(Part):
    """`log_sums` (n,): logsumexp_j of -|x - y_j|^2 / (2 s^2) for each given real row, float64; `bandwidth`: s in the
    features' units, NaN where every training row asked is itself a generated one."""

    passes = ("cross",)

    def __init__(self, validation: int, bandwidths: int, seed: int) -> None:
        self.validation, self.bandwidths, self.seed = validation, bandwidths, seed
        self.bandwidth = math.nan

    def begin(self, which: str, pairs: Pairs) -> None:
        assert pairs.train is not None
        order = generator(self.seed, "evaluation").permutation(pairs.train.total)
        chosen = torch.from_numpy(np.sort(order[: self.validation])).to(pairs.train.points.device)
        self._s = best_bandwidth(pairs.train, pairs.train.inverse[chosen], pairs.fake, self.bandwidths)
        self._log_counts = pairs.fake.counts.double().log()
        self._sums = torch.full((len(pairs.real),), -torch.inf, dtype=torch.float64, device=chosen.device)

    def read(self, which: str, block: Block) -> None:
        if math.isnan(self._s):
            return
        terms = _terms(block.squared.double(), self._s, self._log_counts[block.j])
        self._sums[block.i] = torch.logaddexp(self._sums[block.i], terms.logsumexp(1))

    def end(self, which: str, pairs: Pairs) -> None:
        self.log_sums = self._sums[pairs.real.inverse]
        self.bandwidth = self._s / pairs.frame.factor


def best_bandwidth(rows: Rows, which: Tensor, centres: Rows, count: int) -> float:
    """The bandwidth, in the frame's units, under which rows `which` (v,) of `rows` are likeliest, of `count` between
    the bounds; NaN where all of them stand among the centres, as the likelihood then grows without end."""
    dim = rows.dim
    # Chunks keep the memory at one of rows times all centres.
    nearest = torch.cat([nearest_exactly(rows, part, centres) for part in which.split(256)])
    low = math.sqrt(float(nearest.mean()) / dim)
    if low == 0.0:
        return math.nan
    grid = np.geomspace(low, max(low, math.sqrt(_mean_square(rows, which, centres) / dim)), count)
    total = np.zeros(count)
    log_counts = centres.counts.double().log()
    for part in which.split(rows.block):
        mine = rows.centred(part)
        norms = (mine * mine).sum(1)
        sums = mine.new_full((count, len(part)), -torch.inf)
        for j in centres.slices():
            squared = products(mine, norms, centres.centred(j), centres.norms[j])
            for k, s in enumerate(grid):
                sums[k] = torch.logaddexp(sums[k], _terms(squared, float(s), log_counts[j]).logsumexp(1))
        total += sums.sum(1).cpu().numpy()
    return float(grid[np.argmax(total / len(which) - dim * np.log(grid))])


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, Parzen]:
    return {"parzen": request(Parzen, **{key: settings[key] for key in ("validation", "bandwidths", "seed")})}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    found: Parzen = sets.parts["parzen"]
    s = found.bandwidth
    if math.isnan(s):
        raise MetricUndefined("the training rows that choose the bandwidth are all generated rows: it would be 0")
    constant = math.log(len(sets.fake)) + 0.5 * sets.real.dim * math.log(2.0 * math.pi) + sets.real.dim * math.log(s)
    values = found.log_sums - constant
    return {
        "parzen_log_likelihood": float(values.mean()),
        "parzen_se": float(values.std()) / len(values) ** 0.5,
        "parzen_bandwidth": s,
    }


def _terms(squared: Tensor, s: float, log_counts: Tensor) -> Tensor:
    """(a, b) exponents of the kernel; equal centres are one row that counts as many times."""
    # Rounding of products may leave a distance a little below 0.
    return (squared.clamp(min=0.0) / (-2.0 * s * s)).add_(log_counts)


def _mean_square(rows: Rows, which: Tensor, centres: Rows) -> float:
    """Mean squared distance between rows `which` and all given centres, from their moments; float64."""
    weights = centres.counts.double() / centres.total
    mean = torch.stack([weights[j] @ centres.centred(j) for j in centres.slices()]).sum(0)
    own = torch.stack([rows.centred(part).sum(0) for part in which.split(rows.block)]).sum(0) / len(which)
    return float(rows.norms[which].mean() + weights @ centres.norms - 2.0 * (own @ mean))
