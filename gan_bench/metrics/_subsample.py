"""Random subsample of a set, for metrics whose time grows fast with the number of rows.

All runs with the same number of rows use the same row numbers.
"""

import numpy as np

from gan_bench.features import Features
from gan_bench.seeds import generator


def subsample(points: Features, limit: int, which: str) -> np.ndarray:
    """At most `limit` rows of a set, (k, D). The choice depends only on the number of rows and on `which` ("real" or
    another name).
    """
    if len(points) <= limit:
        return points.features
    stream = generator(0, "evaluation").spawn(4)[2 if which == "real" else 3]
    return points.features[np.sort(stream.permutation(len(points))[:limit])]
