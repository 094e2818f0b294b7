"""Rows that transport compares: at most so many of a set, chosen alike for all runs."""

import numpy as np

from gan_bench.features import Features
from gan_bench.seeds import generator


def chosen(points: Features, most: int, which: str) -> np.ndarray:
    """At most `most` rows of a set, (k, D); the choice depends on the number of rows and on `which` alone."""
    if len(points) <= most:
        return points.features
    stream = generator(0, "evaluation").spawn(4)[2 if which == "real" else 3]
    return points.features[np.sort(stream.permutation(len(points))[:most])]
