"""The pruner wilcoxon: a trial that is worse than the best trial after its first seeds gets no more seeds."""

from collections.abc import Iterable, Sequence

import numpy as np

from gan_bench.search.scores import ScoredTrial
from gan_bench.stats.estimate.rank_tests import signed_rank

#: A trial is pruned if its one-sided p value is at most this. The smallest p value of 4 pairs is 1/16.
LEVEL = 0.1


def hopeless(trials: Sequence[ScoredTrial]) -> Iterable[ScoredTrial]:
    """The trials of one search space that are worse than its best trial by Wilcoxon's signed-rank test (1945).

    The test is one-sided and paired by seed, over the seeds that both trials have. The best trial is the trial of all
    rounds with the smallest `order`. A run without a score is worse than any run with a score; two runs without a score
    are equal.
    """
    best = min(trials, key=lambda trial: trial.order)
    of_best = _by_seed(best)
    for trial in trials:
        own = _by_seed(trial)
        pairs = [(own[seed], of_best[seed]) for seed in own.keys() & of_best.keys()]
        differences = np.array([0.0 if a == b else a - b for a, b in pairs])
        _, p, sign = signed_rank(differences[None, :])
        if trial is not best and sign[0] > 0 and p[0] / 2 <= LEVEL:
            yield trial


def _by_seed(trial: ScoredTrial) -> dict[int, float]:
    return {score.seed: bad for score, bad in zip(trial.scores, trial.badness, strict=True)}
