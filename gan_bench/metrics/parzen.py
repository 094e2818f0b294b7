"""Parzen-window log-likelihood of the real rows: a Gaussian kernel at every generated row.

    log p(x) = logsumexp_j( -|x - y_j|^2 / (2 s^2) ) - log m - D/2 log(2 pi s^2),     in nats, in the features' units

The bandwidth s maximises the mean log-likelihood of a seeded subset of training rows, on a grid between two bounds. At
the maximum, D s^2 is a weighted mean of squared distances to generated rows, in which nearer rows have more weight. So
D s^2 is at least the mean squared distance to the nearest generated row, and at most the mean squared distance to all
generated rows. The two bounds of the grid follow from these two means.

The metric is included because older tables report it, but it misleads (Theis et al. 2016). In many dimensions no
feasible number of samples brings the value near the true log-likelihood, and the value does not even rank models
correctly. A generator that repeats cluster centres of the data can score better than samples of the true distribution.
Do not select models by this metric.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.pairs import Pairs, Requests
from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.nearest import nearest_exactly
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import FeatureRows, products
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
            "help": "training rows by which the bandwidth is chosen; all of them if there are fewer",
        },
        "bandwidths": {"type": "int", "default": 20, "min": 2, "help": "number of log-spaced bandwidths to try"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the choice of training rows"},
    },
    "deviations": [
        "the rows are features of the run's extractor; the papers use pixels in [0, 1]",
        "the bandwidth is chosen on training rows; the papers hold out validation rows",
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
    "estimator": "kernel density of all generated rows; standard error over real rows only; misleads in many "
    "dimensions: it ranks models wrongly and can prefer memorised cluster centres to samples of the true distribution "
    "(Theis et al. 2016); float64 sums, distances in float32 above 2 048 rows",
}


class Parzen(Part):
    """`log_sums` (n,): logsumexp_j of -|x - y_j|^2 / (2 s^2) for each given real row x, float64.

    `bandwidth`: s in the features' units; NaN if each training row of the subset equals a generated row.
    """

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

    def read(self, which: str, block: DistanceBlock) -> None:
        if math.isnan(self._s):
            return
        terms = _terms(block.squared.double(), self._s, self._log_counts[block.j])
        self._sums[block.i] = torch.logaddexp(self._sums[block.i], terms.logsumexp(1))

    def end(self, which: str, pairs: Pairs) -> None:
        self.log_sums = self._sums[pairs.real.inverse]
        self.bandwidth = self._s / pairs.frame.factor


def best_bandwidth(rows: FeatureRows, which: Tensor, centres: FeatureRows, count: int) -> float:
    """The one of `count` bandwidths on a grid that gives the rows with indices `which` (v,) the highest likelihood.

    The likelihood is that of the kernel density with a kernel at each centre.

    The bandwidth is in the units of the shifted and scaled features (`Frame`). It is NaN if each of these rows equals a
    centre, because the likelihood then has no maximum.
    """
    dim = rows.dim
    # Chunks limit memory to the distances of 256 rows to all centres.
    nearest = torch.cat([nearest_exactly(rows, part, centres) for part in which.split(256)])
    low = math.sqrt(float(nearest.mean()) / dim)
    if low == 0.0:
        return math.nan
    grid = np.geomspace(low, max(low, math.sqrt(_mean_square(rows, which, centres) / dim)), count)
    total = np.zeros(count)
    log_counts = centres.counts.double().log()
    for part in which.split(rows.block):
        queries = rows.centred(part)
        norms = (queries * queries).sum(1)
        sums = queries.new_full((count, len(part)), -torch.inf)
        for j in centres.slices():
            squared = products(queries, norms, centres.centred(j), centres.norms[j])
            for k, s in enumerate(grid):
                sums[k] = torch.logaddexp(sums[k], _terms(squared, float(s), log_counts[j]).logsumexp(1))
        total += sums.sum(1).cpu().numpy()
    return float(grid[np.argmax(total / len(which) - dim * np.log(grid))])


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, Parzen]:
    return {"parzen": request(Parzen, **{key: settings[key] for key in ("validation", "bandwidths", "seed")})}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    parzen: Parzen = sets.parts["parzen"]
    s = parzen.bandwidth
    if math.isnan(s):
        raise MetricUndefined("the bandwidth would be 0: each training row used to choose it equals a generated row")
    constant = math.log(len(sets.fake)) + 0.5 * sets.real.dim * math.log(2.0 * math.pi) + sets.real.dim * math.log(s)
    values = parzen.log_sums - constant
    return {
        "parzen_log_likelihood": float(values.mean()),
        "parzen_se": float(values.std()) / len(values) ** 0.5,
        "parzen_bandwidth": s,
    }


def _terms(squared: Tensor, s: float, log_counts: Tensor) -> Tensor:
    """(a, b) log(kernel * count), where count is the number of equal centres that a column represents."""
    # Rounding of products may leave a distance slightly below 0.
    return (squared.clamp(min=0.0) / (-2.0 * s * s)).add_(log_counts)


def _mean_square(rows: FeatureRows, which: Tensor, centres: FeatureRows) -> float:
    """Mean squared distance of the rows with indices `which` to all centres, computed from moments; float64."""
    weights = centres.counts.double() / centres.total
    mean = torch.stack([weights[j] @ centres.centred(j) for j in centres.slices()]).sum(0)
    row_mean = torch.stack([rows.centred(part).sum(0) for part in which.split(rows.block)]).sum(0) / len(which)
    return float(rows.norms[which].mean() + weights @ centres.norms - 2.0 * (row_mean @ mean))
