"""Exact Wasserstein-1 distance (earth mover's distance) between two sets of rows, with Euclidean ground distance.

For sets of equal size it is the mean cost of the best assignment, which equals the distance between the empirical
distributions. For sets of different sizes, a linear program is solved by the package POT (extra "ot" of gan-bench). In
many dimensions, the distance between two samples of one distribution is far from 0 (8.9 for 1,000 rows of 64
independent standard normal features) and falls slowly as the samples grow. So compare the value with the floor (the
distance between two sets of real images) at equal n. The time of the assignment grows with the cube of n, so at most
`max_n` rows of each set are used. Their row numbers are the same for all runs.
"""

from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._subsample import subsample
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.pairs.blocks import between
from gan_bench.metrics.pairs.rows import FeatureRows, Frame, exact_squares

FACTS = {
    "paper": "Rubner et al. 2000, IJCV 40:99; as a metric of GANs Xu et al. 2018, arXiv:1806.07755, sec. 3.1",
    "settings": {
        "max_n": {
            "type": "int",
            "default": 2000,
            "min": 2,
            "unit": "rows",
            "help": "largest number of rows of each set",
        },
    },
    "deviations": [],
    "needs": ["features"],
    "values": {"w1": {"label": "Wasserstein-1", "direction": "lower", "range": [0.0, None], "unit": ""}},
    "min_n": 2,
    "estimator": "exact optimal transport between at most max_n rows of each set; biased upward",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    real = rows_of(subsample(sets.real, settings["max_n"], "real"), sets.device)
    fake = rows_of(subsample(sets.fake, settings["max_n"], "fake"), sets.device)
    return {"w1": wasserstein(real, fake)}


def wasserstein(real: Tensor, fake: Tensor) -> float:
    """W1 between rows (n, D) and (m, D) with equal weights."""
    frame = Frame.of(real)
    a, b = _rows(real, frame), _rows(fake, frame)
    costs = _costs(a, b).cpu().numpy()
    if len(real) == len(fake):
        row, column = linear_sum_assignment(costs)
        # The assignment uses distances computed by products. Its cost is computed by differences, so that equal rows
        # have cost 0.
        matched = exact_squares(a, torch.from_numpy(row).to(real.device), b, torch.from_numpy(column).to(real.device))
        return float(matched.sqrt().mean()) / frame.factor
    try:
        import ot
    except ImportError:
        raise MetricUndefined(
            f'sets of {len(real)} and {len(fake)} rows need POT: pip install "gan-bench[ot]"'
        ) from None
    # POT's default of 100 000 iterations stops before the optimum at 2,000 rows.
    return float(ot.emd2([], [], costs, numItermax=10_000_000)) / frame.factor


def _rows(features: Tensor, frame: Frame) -> FeatureRows:
    """All rows in their order (equal rows are not merged), float64."""
    return FeatureRows(features, frame, merge=False)


def _costs(a: FeatureRows, b: FeatureRows) -> Tensor:
    """(n, m) Euclidean distances between the shifted and scaled rows (see `Frame`), computed by products."""
    costs = a.norms.new_empty((len(a), len(b)))
    for block in between(a, b):
        costs[block.i, block.j] = block.squared.clamp(min=0).sqrt()
    return costs
