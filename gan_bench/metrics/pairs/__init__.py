"""One pass over the distances between all pairs of rows, shared by all metrics that need them.

Matrix products of distances cost more than what metrics do with them. So families declare their parts first, and all
parts read each block while it is in cache. Besides the features, memory grows only by a few numbers per row.
Comparisons of distances are exact: blocks are float32 if the sets are large, and pairs whose order rounding could
change are compared by differences in float64.
"""

from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.run import Requests, read_pairs, real_state
from gan_bench.metrics.pairs.sets import Pairs

__all__ = ["Pairs", "Part", "Requests", "read_pairs", "real_state"]
