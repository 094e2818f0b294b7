"""Proposes trials with Optuna's samplers. The proposals depend only on the earlier trials and a seed.

For each round, a new sampler is made from the values and scores of all earlier trials. No state of Optuna is stored,
and an interrupted or repeated stage gives the same proposals.
"""

import functools
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from gan_bench.config.grammar.search import ADAPTIVE, Dimension
from gan_bench.config.plan.search import Space, Values
from gan_bench.errors import UserError
from gan_bench.search.scores import ScoredTrial


def proposals(sampler: str, space: Space, told: Sequence[ScoredTrial], n: int, of_round: int) -> list[Values]:
    """Values of `n` new trials of a search space. `told`: all earlier trials of this space, with their scores.

    A trial counts with the score of the worst trial if it was pruned, or if one of its runs has no score. The proposals
    of a round are made one after the other. Each proposal also counts with this worst score when the next is made, so
    that the next differs from it. This is the constant liar of Ginsbourger et al. (2010).

    Raises:
        UserError: Optuna is not installed.
    """
    optuna = _optuna(sampler)
    seed = space.stream_seed(f"{sampler} round {of_round}") % 2**32
    study = optuna.create_study(direction="minimize", sampler=_sampler(optuna, sampler, seed))
    worst = max((trial.mean for trial in told if trial.mean is not None), default=0.0)
    for trial in told:
        mean = worst if trial.mean is None or trial.trial.pruned else trial.mean
        params = {name: _param(space, name, value) for name, value in trial.trial.values.items()}
        distributions = {name: _distribution(optuna, space, name) for name in params}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=mean))
    proposed = []
    for _ in range(n):
        trial = study.ask()
        proposed.append(space.play(functools.partial(_suggested, trial))[0])
        study.tell(trial, worst)
    return proposed


def require_sampler(sampler: str) -> None:
    """Raise UserError if the sampler needs Optuna and Optuna is not installed. Optuna is not imported."""
    if sampler in ADAPTIVE and find_spec("optuna") is None:
        raise UserError(
            f"search.sampler {sampler} needs Optuna, which is not installed: pip install 'gan-bench[search]', or set "
            "sampler: random."
        )


def _optuna(sampler: str) -> Any:
    require_sampler(sampler)
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


def _sampler(optuna: Any, name: str, seed: int) -> Any:
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=1, multivariate=True, group=True)
    return optuna.samplers.GPSampler(seed=seed, n_startup_trials=1)


def _suggested(trial: Any, dimension: Dimension) -> Any:
    if dimension.ends is None:
        return dimension.choices[trial.suggest_categorical(dimension.name, list(range(len(dimension.choices))))]
    low, high = dimension.ends
    if dimension.kind == "int":
        return int(trial.suggest_int(dimension.name, int(low), int(high)))
    log = dimension.kind == "log_uniform"
    return dimension.rounded(float(trial.suggest_float(dimension.name, low, high, log=log)))


def _param(space: Space, name: str, value: Any) -> Any:
    """A value in Optuna's form. For a choice it is the index in the list of choices."""
    dimension = _dimension(space, name)
    return dimension.place(value) if dimension.ends is None else value


def _distribution(optuna: Any, space: Space, name: str) -> Any:
    dimension, kinds = _dimension(space, name), optuna.distributions
    if dimension.ends is None:
        return kinds.CategoricalDistribution(list(range(len(dimension.choices))))
    low, high = dimension.ends
    if dimension.kind == "int":
        return kinds.IntDistribution(int(low), int(high))
    return kinds.FloatDistribution(low, high, log=dimension.kind == "log_uniform")


def _dimension(space: Space, name: str) -> Dimension:
    return next(dimension for dimension in space.dimensions if dimension.name == name)
