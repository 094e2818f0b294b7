"""Leave-one-out accuracy of a 1-nearest-neighbour classifier that tells generated from real features.

For each of the pooled rows: is its nearest other row (Euclidean) of the same set? 0.5 where the two sets cannot be
told apart, 1 where they are separate, 0 where the generated rows are copies of the real ones. `one_nn_real` and
`one_nn_fake` are the accuracies over the rows of one set: real low with fake high says that generated rows crowd
together (collapse). A row whose nearest rows of the two sets are exactly as far counts half and is counted in
`one_nn_ties`. Both sets must be of one size: otherwise 0.5 is not what equal laws give.
"""

from typing import Any

import numpy as np

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined
from gan_bench.metrics._nearest import same_set_nearest

FACTS = {
    "paper": "Lopez-Paz and Oquab 2017, arXiv:1610.06545: two-sample tests by classifiers; Xu et al. 2018, "
    "arXiv:1806.07755",
    "settings": {},
    "deviations": ["ties count half; Xu et al.'s code gives them to whichever row comes first"],
    "needs": "features",
    "values": {
        "one_nn": {"label": "1-NN accuracy", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_real": {"label": "1-NN accuracy on real", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_fake": {"label": "1-NN accuracy on generated", "direction": "half", "range": [0.0, 1.0], "unit": ""},
        "one_nn_ties": {"label": "1-NN ties", "direction": "none", "range": [0.0, None], "unit": "rows"},
    },
    "min_n": 2,
    "estimator": "leave-one-out over both sets, equal sizes, ties half; exact",
}


def compute(real: Features, fake: Features, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    if len(real) != len(fake):
        raise MetricUndefined(f"needs as many real as generated rows; there are {len(real)} and {len(fake)}")
    return one_nn(real.features, fake.features)


def one_nn(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """The four values for sets (n, D) and (m, D); n and m may differ here."""
    credit = same_set_nearest(real, fake)
    return {
        "one_nn": float(credit.mean()),
        "one_nn_real": float(credit[: len(real)].mean()),
        "one_nn_fake": float(credit[len(real) :].mean()),
        "one_nn_ties": float(np.sum(credit == 0.5)),
    }
