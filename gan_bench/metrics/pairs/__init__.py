"""Distances between all pairs of rows, computed once for all metric families that define `parts`.

Computing distances (matrix products) takes more time than using them. So these families first declare their parts. A
part is an object that accumulates a statistic of distances. Then each block of distances is computed once, and all
parts read it while it is in cache. Memory grows with the number of rows, not with the number of pairs.

Blocks of large sets are float32. For balls, radii and nearest neighbours, distances whose order could change by
rounding are computed again by differences in float64.
"""

from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.run import Requests, read_pairs, real_state
from gan_bench.metrics.pairs.sets import Pairs

__all__ = ["Pairs", "Part", "Requests", "read_pairs", "real_state"]
