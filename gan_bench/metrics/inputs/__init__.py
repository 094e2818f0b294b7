"""Scores of generated sets from any program: arrays of features, arrays of images, or folders of pictures."""

from gan_bench.metrics.inputs.files import evaluate_files
from gan_bench.metrics.inputs.table import format_table

__all__ = ["evaluate_files", "format_table"]
