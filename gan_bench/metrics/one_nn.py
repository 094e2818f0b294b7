"""Leave-one-out accuracy of a 1-nearest-neighbour classifier of generated versus real features.

A row of the pooled sets is a hit if its nearest neighbour (Euclidean) is of the same set. The accuracy `one_nn` is the
share of hits: 0.5 if the sets are indistinguishable, 1 if they are separate, 0 if generated rows are copies of real
ones. `one_nn_real` and `one_nn_fake` are the accuracies over the real and over the generated rows. A low `one_nn_real`
with a high `one_nn_fake` means that generated rows crowd together (collapse). A row equally near to both sets counts as
half a hit; `one_nn_ties` is the number of such rows. Both sets must have the same size, because otherwise equal
distributions do not give 0.5.

`one_nn_p` is a two-sided p-value from permutations of the labels (real, generated) over the fixed graph of nearest
neighbours. With at most 6 rows of each set, all labellings are used and the p-value is exact. Otherwise it is computed
from 999 random labellings and is at least 0.001. If both sets have the same distribution, whatever it is, P(p <= a) is
at most a. A binomial test would reject too often: nearest neighbours often come in mutual pairs, so hits are not
independent. `benchmarks/one_nn_size.py` measures the false-positive rates of both tests.
"""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._neighbour_permutation import p_value
from gan_bench.metrics._tensors import rows_of
from gan_bench.metrics.pairs import Pairs, Requests, read_pairs
from gan_bench.metrics.pairs.nearest import NearestNeighbours
from gan_bench.seeds import generator

FACTS = {
    "paper": "Lopez-Paz and Oquab 2017, arXiv:1610.06545: two-sample tests by classifiers; Xu et al. 2018, "
    "arXiv:1806.07755",
    "settings": {},
    "deviations": ["ties count half; in Xu et al.'s code the first of equally near rows decides"],
    "needs": ["features"],
    "values": {
        "one_nn": {"label": "1-NN accuracy", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_real": {"label": "1-NN accuracy on real", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_fake": {"label": "1-NN accuracy on generated", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_ties": {"label": "1-NN ties", "direction": "none", "range": [0.0, None], "unit": "rows"},
        "one_nn_p": {"label": "1-NN p-value", "direction": "none", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 2,
    "estimator": "leave-one-out over both sets, equal sizes, ties half; exact; p-value by 999 permutations of labels",
}


def parts(request: Requests, settings: dict[str, Any]) -> dict[str, NearestNeighbours]:
    return {"nearest": request(NearestNeighbours)}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    if len(sets.real) != len(sets.fake):
        raise MetricUndefined(f"needs as many real as generated rows; there are {len(sets.real)} and {len(sets.fake)}")
    return _values(sets.parts["nearest"], sets.parts["pairs"], rng)


def one_nn(real: np.ndarray, fake: np.ndarray, rng: np.random.Generator | None = None) -> dict[str, float]:
    """The five values for sets (n, D) and (m, D). Unlike in `compute`, n and m may differ."""
    pairs, nearest = Pairs(rows_of(real), rows_of(fake)), NearestNeighbours()
    read_pairs(pairs, [nearest])
    return _values(nearest, pairs, rng or generator(0, "evaluation"))


def _values(nearest: NearestNeighbours, pairs: Pairs, rng: np.random.Generator) -> dict[str, float]:
    real, fake = (nearest.same_set(which, pairs) for which in ("real", "fake"))
    ties = _ties(real) + _ties(fake)
    total, rows = float(real.sum() + fake.sum()), len(real) + len(fake)
    return {
        "one_nn": total / rows,
        "one_nn_real": float(real.mean()),
        "one_nn_fake": float(fake.mean()),
        "one_nn_ties": float(ties),
        "one_nn_p": p_value(pairs, rng),
    }


def _ties(credit: Tensor) -> int:
    return int((credit == 0.5).sum())
