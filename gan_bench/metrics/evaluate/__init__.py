"""Scores a run, or two sets of features. The result is a list of rows, one for each metric value.

A row is {"name", "value", "n_real", "n_fake", "extractor", "estimator", "split", "note"}. If a value is undefined, it
is null and the note is the reason.
"""

from gan_bench.metrics.evaluate.diagnostics import write_diagnostics
from gan_bench.metrics.evaluate.families import RealSide, prepare_real
from gan_bench.metrics.evaluate.runs import evaluate_run, score_in_space, score_run
from gan_bench.metrics.evaluate.scoring import floor_rows, make_scoring, open_scoring, prepare_scoring
from gan_bench.metrics.evaluate.sets import evaluate_sets, null_rows, seeded_rows

__all__ = [
    "RealSide",
    "evaluate_run",
    "evaluate_sets",
    "floor_rows",
    "make_scoring",
    "null_rows",
    "open_scoring",
    "prepare_real",
    "prepare_scoring",
    "score_in_space",
    "score_run",
    "seeded_rows",
    "write_diagnostics",
]
