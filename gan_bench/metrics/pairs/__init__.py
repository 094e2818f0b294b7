"""One pass over the distances between all pairs of rows, read by every metric that needs them.

Matrix products of distances cost more than what metrics do with them, so families name their parts beforehand and all
of them read each block while it is in cache. Memory beyond the features does not grow with the number of rows but for
a few numbers a row. What is decided by comparing distances is decided exactly: blocks come in float32 where the sets
are large, and pairs whose order rounding could change are compared by differences in float64.
"""

from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.run import Requests, read_pairs, real_state
from gan_bench.metrics.pairs.sets import Pairs

__all__ = ["Pairs", "Part", "Requests", "read_pairs", "real_state"]
