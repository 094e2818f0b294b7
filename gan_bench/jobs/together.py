"""The seeds of a chunk that are not in the store, trained together where that is exact and faster."""

import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.data import DataSet
from gan_bench.errors import UserError, machine_fault
from gan_bench.game.game import build_game
from gan_bench.jobs.watch import watcher
from gan_bench.store import finished, obtain, run_key
from gan_bench.train.schedule import schedule
from gan_bench.train.stackable import why_alone, why_not_worth
from gan_bench.train.stacked_run import Asked, train_runs
from gan_bench.train.state import setup_of

#: Environment variable: "auto" (where it is faster, the default), "always" (wherever it can be) or "never". Results do
#: not depend on it.
STACKING = "GAN_BENCH_STACKING"
CHOICES = ("auto", "always", "never")


def train_stacked(
    settings: Mapping[str, Any], seeds: Sequence[int], data: DataSet, store: Path, code: str, every: float, say: Any
) -> dict[str, float]:
    """Train together what is worth it, into the store; {key: seconds of its share} of the runs that were made.

    What goes wrong here costs nothing: runs that are not in the store afterwards are trained one by one, from their
    checkpoints where they have any, and what is wrong with one shows there.
    """
    choice = stacking()
    runs = {run_key(run, code, data.digest): run for run in ({**settings, "seed": seed} for seed in seeds)}
    todo = {key: run for key, run in sorted(runs.items()) if finished(store, key) is None}
    if choice == "never" or len(todo) < 2 or why_alone(settings) is not None:
        return {}
    made: dict[str, float] = {}
    try:
        if choice == "auto" and not _pays(next(iter(todo.values())), data, len(todo)):
            return {}
        begun = time.monotonic()
        _obtain(store, list(todo), [], todo, data, every, made)
        return {key: (time.monotonic() - begun) / len(made) for key in made}
    except Exception as error:  # whatever it is: the runs do not need each other
        if machine_fault(error) is None and not isinstance(error, UserError):
            traceback.print_exc(file=sys.stderr)
        say(f"seeds did not train together ({type(error).__name__}: {error}); they train one by one")
        return made


def stacking() -> str:
    """What STACKING says. UserError for anything else."""
    text = os.environ.get(STACKING, CHOICES[0])
    if text not in CHOICES:
        raise UserError(f"{STACKING} is {text!r}; valid: {', '.join(CHOICES)}.")
    return text


def _pays(run: dict[str, Any], data: DataSet, runs: int) -> bool:
    setup = setup_of(run, data)
    game = build_game(run, setup.shape, setup.classes)
    return why_not_worth(game, runs, schedule(run, data.counts["train"]).g_steps) is None


def _obtain(
    store: Path,
    keys: list[str],
    asked: list[Asked],
    todo: Mapping[str, dict[str, Any]],
    data: DataSet,
    every: float,
    made: dict[str, float],
) -> None:
    """Hold the locks of all runs that nobody has finished, in the order of their keys, and train them inside."""
    if not keys:
        if asked:
            train_runs(asked, data, checkpoint_seconds=every)
        return
    key, *others = keys
    run = todo[key]

    def train(folder: Path) -> None:
        _obtain(store, others, [*asked, Asked(run, folder, watcher(run))], todo, data, every, made)

    _, fresh = obtain(store, key, train)
    if fresh:
        made[key] = 0.0
    else:  # another process finished it meanwhile
        _obtain(store, others, asked, todo, data, every, made)
