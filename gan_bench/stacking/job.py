"""Trains, in one stack, runs that the store lacks. This module imports torch only if there are such runs."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gan_bench.data import DataSet
from gan_bench.errors import UserError, machine_fault
from gan_bench.provenance import stage_digest
from gan_bench.stacking.rules import choice, may_stack, why_alone
from gan_bench.store import finished, obtain_all

#: Key of a run in the store -> settings of the run.
Runs = Mapping[str, dict[str, Any]]
#: Settings -> the function that may end the run early (gan_bench.train.unfinished.Watch), or None.
Watcher = Callable[[Mapping[str, Any]], Any]
Say = Callable[[str], None]


def train_missing(
    runs: Runs, data: DataSet, store: Path, every: float, say: Say, note: Say, watcher: Watcher
) -> dict[str, float]:
    """Train, in one stack, those of the `runs` that the store lacks. All `runs` belong to one family.

    The runs are trained only if the stack is exact and faster than single runs. If GAN_BENCH_STACKING is "always", the
    stack need not be faster; if it is "never", nothing is trained. `every` is the number of seconds between
    checkpoints. `note` gets the progress and tracebacks. Returns {key: seconds} for the runs that were trained. The
    seconds are the time of the stack, divided by the number of these runs.

    If the training fails, `say` reports the error, and no exception is raised. The caller can then train the unfinished
    runs alone, from their last checkpoints.
    """
    stacking = choice()
    code = stage_digest("stacking")
    missing = {key: run for key, run in sorted(runs.items()) if finished(store, key, code) is None}
    if stacking == "never" or not missing:
        return {}
    if any(not may_stack(run, stacking) or why_alone(run) is not None for run in missing.values()):
        return {}
    trained: list[str] = []
    begun = time.monotonic()
    try:
        if stacking == "always" or _pays(next(iter(missing.values())), data, len(missing)):
            begun = time.monotonic()
            trained = obtain_all(
                store, missing, lambda folders: _train(missing, folders, data, every, watcher, note), code
            )
    except Exception as error:  # after any error, each run can still train alone
        if machine_fault(error) is None and not isinstance(error, UserError):
            note(traceback.format_exc())
        say(f"{len(missing)} runs did not train together ({type(error).__name__}: {error}); they train one by one")
    return {key: (time.monotonic() - begun) / len(trained) for key in trained}


def _train(runs: Runs, folders: Mapping[str, Path], data: DataSet, every: float, watcher: Watcher, note: Say) -> None:
    from gan_bench.stacking.training import RunRequest, train_runs

    requests = [RunRequest(runs[key], folder, watcher(runs[key])) for key, folder in folders.items()]

    def progress(text: str) -> None:
        note(f"{len(requests)} runs together: {text}")

    train_runs(requests, data, checkpoint_seconds=every, on_progress=progress)


def _pays(run: dict[str, Any], data: DataSet, runs: int) -> bool:
    from gan_bench.game.game import build_game
    from gan_bench.stacking.rules import why_not_worth
    from gan_bench.train.schedule import schedule
    from gan_bench.train.state import setup_of

    setup = setup_of(run, data)
    game = build_game(run, setup.shape, setup.classes)
    return why_not_worth(game, runs, schedule(run, data.counts["train"]).g_steps) is None
