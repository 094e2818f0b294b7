"""Score a run or two sets of features: rows of values, each with the counts and the space it was computed in.

A row: {"name", "value", "n_real", "n_fake", "extractor", "estimator", "split", "note"}. A value that does not exist is
null and its note says why; a row that was asked for is never left out.
"""

from gan_bench.metrics.evaluate.runs import evaluate_run, floor_rows
from gan_bench.metrics.evaluate.sets import evaluate_sets, null_rows, seeded_rows

__all__ = ["evaluate_run", "evaluate_sets", "floor_rows", "null_rows", "seeded_rows"]
