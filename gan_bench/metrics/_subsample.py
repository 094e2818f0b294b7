"""Subsample of a set, the same for all runs, for metrics whose time grows fast with the number of rows."""

import numpy as np

from gan_bench.features import Features
from gan_bench.seeds import generator


def subsample(points: Features, limit: int, which: str) -> np.ndarray:
    """At most `limit` rows of a set, (k, D). The choice depends only on the number of rows and on `which` set it is."""
    if len(points) <= limit:
        return points.features
    stream = generator(0, "evaluation").spawn(4)[2 if which == "real" else 3]
    return points.features[np.sort(stream.permutation(len(points))[:limit])]
