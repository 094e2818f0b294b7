"""Makes the document of the next stage of a search, which is stored as JSON."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan_bench.config.plan.trials import CHOOSE, EXTEND, PROPOSE, SearchPlan
from gan_bench.search.proposals import proposals
from gan_bench.search.pruning import hopeless
from gan_bench.search.scores import ScoredTrial, read_scores


def next_stage(search: SearchPlan, study_folder: Path, check: Callable[[Path, Sequence[int]], None]) -> dict[str, Any]:
    """The document of the stage after those in `search.documents`: all trials with their scores, and one more key.

    The key depends on the kind of stage:

        extend   "pruned": trials of this round that get no more seeds
        propose  "proposed": values of the trials of the next round
        choose   "chosen": the best trial of each variant on each data set

    The document depends only on the search and the stored results.
    """
    kind, of_round = search.stages()[len(search.documents)]
    scored = read_scores(search.trials(), search.metric, search.direction, study_folder, check)
    by_space = {space.key: [trial for trial in scored if trial.trial.space.key == space.key] for space in search.spaces}
    document = {**search.head(), "trials": [trial.to_json() for trial in scored]}
    if kind == EXTEND:
        dropped = [trial for trials in by_space.values() for trial in hopeless(trials)]
        document["pruned"] = [list(t.trial.key) for t in dropped if t.trial.round == of_round and not t.trial.pruned]
    elif kind == PROPOSE:
        n = search.round_sizes()[of_round]
        document["proposed"] = [
            {"dataset": space.dataset, "variant": space.variant, "values": values}
            for space in search.spaces
            for values in proposals(search.spec.sampler, space, by_space[space.key], n, of_round)
        ]
    else:
        assert kind == CHOOSE
        document["chosen"] = [_chosen(search, min(trials, key=lambda t: t.order)) for trials in by_space.values()]
    return document


def _chosen(search: SearchPlan, best: ScoredTrial) -> dict[str, Any]:
    return {
        "dataset": best.trial.space.dataset,
        "variant": best.trial.space.variant,
        "number": best.trial.number,
        "values": best.trial.values,
        "trial_cell": best.trial.cell.id,
        "mean_badness": best.mean_scored,
        "lost": best.lost,
    }
