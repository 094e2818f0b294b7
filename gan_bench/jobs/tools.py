"""Collects functions of other packages that training calls: to stop a run, to score it, or to continue another run.

This module is separate from gan_bench.jobs.watch, so that the code of metrics is part of the training digest only for
runs that are scored during training.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gan_bench.data import DataSet
from gan_bench.jobs.watch import watcher
from gan_bench.train.continuation import Parents
from gan_bench.train.unfinished import Tools, Watch
from gan_bench.train.validation_stop import Scorer


def tools(data: DataSet, parents: Parents | None = None, watcher: Callable[[Any], Watch | None] = watcher) -> Tools:
    """Functions that `train_run` needs for a run that stops early, continues another run, or goes back on collapse."""

    def scorer(settings: Mapping[str, Any]) -> Scorer:
        from gan_bench.jobs.score_in_training import scorer_of  # few runs need the metrics

        return scorer_of(settings, data)

    return Tools(watcher, scorer, parents)
