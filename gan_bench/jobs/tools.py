"""The functions that training takes from other packages: what stops, scores or starts a run.

They are apart from gan_bench.jobs.watch, so that the code of metrics is part of the digest of scored runs only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gan_bench.data import DataSet
from gan_bench.jobs.watch import watcher
from gan_bench.train.continuation import Parents
from gan_bench.train.unfinished import Tools, Watch
from gan_bench.train.validation_stop import Scorer


def tools(data: DataSet, parents: Parents | None = None, watcher: Callable[[Any], Watch | None] = watcher) -> Tools:
    """What `train_run` needs for settings that stop, continue or rewind a run on `data`."""

    def scorer(settings: Mapping[str, Any]) -> Scorer:
        from gan_bench.jobs.score_in_training import scorer_of  # few runs need the metrics

        return scorer_of(settings, data)

    return Tools(watcher, scorer, parents)
