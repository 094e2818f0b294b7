"""Near duplicates among the samples, and the support size (number of different images) that they suggest.

Each real image has a distance to the nearest other real image. Two samples are near duplicates if their distance is at
most the 1 % quantile (setting `quantile`) of these distances. `duplicates` is the share of samples that have a near
duplicate among the other samples. With c pairs of near duplicates among n samples, `support_size` is n (n - 1) / (2 c).
If samples were drawn from `support_size` equally likely images, the expected number of pairs of identical images would
be c (the birthday paradox). The estimate is rough, and too low if images are not equally likely. For comparison, the
floor is the same value for real images in place of samples.
"""

from typing import Any

import numpy as np
import torch

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.pairs import Pairs, Part, Requests
from gan_bench.metrics.pairs.blocks import DistanceBlock
from gan_bench.metrics.pairs.radii import Radii

FACTS = {
    "paper": "Arora et al. 2018, Do GANs learn the distribution? (ICLR 2018), sec. 2: the birthday paradox test",
    "settings": {
        "quantile": {
            "type": "float",
            "default": 0.01,
            "above": 0,
            "max": 1,
            "help": "quantile of the real rows' nearest-neighbour distances below which two samples are duplicates",
        },
    },
    "deviations": ["a threshold from real distances; in the paper, a person looks at the nearest pairs"],
    "needs": ["features"],
    "values": {
        "duplicates": {"label": "Share of near duplicates", "direction": "lower", "range": [0.0, 1.0], "unit": ""},
        "support_size": {"label": "Support size", "direction": "none", "range": [1.0, None], "unit": "images"},
    },
    "min_n": 10,
    "estimator": "exact count of pairs closer than a quantile of the real nearest-neighbour distances",
}


class NearPairs(Part):
    """`count`: number of pairs of near duplicates among the generated rows. `repeated` (m,): whether each generated
    row is in such a pair.
    """

    passes = ("fake",)

    def __init__(self, radii: Radii, quantile: float) -> None:
        self.radii, self.quantile = radii.want(1), quantile
        self.count = 0.0

    def begin(self, which: str, pairs: Pairs) -> None:
        nearest = self.radii.radius("real", 1)[pairs.real.inverse]
        limit = float(np.quantile(nearest.cpu().numpy(), self.quantile, method="lower"))
        self._limit = torch.full((pairs.fake.block,), limit, dtype=torch.float64, device=nearest.device)
        counts = pairs.fake.counts
        self.count = float((counts * (counts - 1)).sum()) / 2.0
        self._repeated = counts > 1

    def read(self, which: str, block: DistanceBlock) -> None:
        rows, columns = block.below(self._limit[: block.squared.shape[0]], 0, inclusive=True)
        rows, columns = rows + block.i.start, columns + block.j.start
        times = 0.5 if block.diagonal else 1.0
        self.count += times * float((block.left.counts[rows] * block.left.counts[columns]).sum())
        self._repeated[rows] = True
        self._repeated[columns] = True

    def end(self, which: str, pairs: Pairs) -> None:
        self.repeated = self._repeated[pairs.fake.inverse]


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, NearPairs]:
    return {"near": request(NearPairs, radii=request(Radii), quantile=settings["quantile"])}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    near: NearPairs = sets.parts["near"]
    n = len(sets.fake)
    none = MetricUndefined(f"no near duplicates among {n} samples: the support size is above {n * (n - 1) // 2} images")
    return {
        "duplicates": float(near.repeated.double().mean()),
        "support_size": n * (n - 1) / (2.0 * near.count) if near.count else none,
    }
