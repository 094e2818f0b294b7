"""Compares samples of several models with real ones: scores, intervals, differences to the best model, a picture."""

from gan_bench.comparison.outputs import write_comparison
from gan_bench.comparison.score import compare_files

__all__ = ["compare_files", "write_comparison"]
