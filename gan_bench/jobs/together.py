"""Runs that the store does not have, trained together where that is exact and faster. Without any, torch stays out."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.data import DataSet
from gan_bench.errors import UserError, machine_fault
from gan_bench.jobs.intact import open_intact
from gan_bench.provenance import train_digest
from gan_bench.store import finished, obtain, run_key

if TYPE_CHECKING:
    from gan_bench.stacking.training import Asked

#: Environment variable: "auto" (where it is faster, the default), "always" (wherever it can be) or "never". Results do
#: not depend on it.
STACKING = "GAN_BENCH_STACKING"
CHOICES = ("auto", "always", "never")

#: Environment variable: seconds between two checkpoints of a run (default 60). Results do not depend on it.
CHECKPOINT_SECONDS = "GAN_BENCH_CHECKPOINT_SECONDS"


def train_stack(
    members: Sequence[tuple[Mapping[str, Any], Sequence[int]]], data: Path, store: Path, say: Callable[[str], None]
) -> dict[str, Any]:
    """Train (settings of a cell, seeds) of one family together, into the store, where that is worth it.

    Nothing else is made, and nothing that goes wrong here fails: each cell's own job takes its runs from the store, or
    trains them. Returns the keys of the runs, whoever made them.
    """
    every, dataset = checkpoint_seconds(), open_intact(data)
    runs = [{**settings, "seed": seed} for settings, seeds in members for seed in seeds]
    code = train_digest(runs[0])
    asked = {run_key(run, code, dataset.digest): run for run in runs}
    begun = time.monotonic()
    made = train_stacked(asked, dataset, store, every, say)
    if made:
        say(f"{len(made)} of {len(runs)} runs trained together in {time.monotonic() - begun:.1f} s")
    else:
        say(f"{len(runs)} runs: none trained here")
    return {"code": code, "data": dataset.digest, "keys": sorted(asked)}


def train_stacked(
    asked: Mapping[str, dict[str, Any]], data: DataSet, store: Path, every: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Train {key: settings} of one family together, into the store, where it is worth it.

    Returns {key: seconds of its share} of the runs that were made.

    What goes wrong here costs nothing: runs that are not in the store afterwards are trained one by one, from their
    checkpoints where they have any, and what is wrong with one shows there.
    """
    choice = stacking()
    todo = {key: run for key, run in sorted(asked.items()) if finished(store, key) is None}
    if choice == "never" or not todo:
        return {}
    from gan_bench.stacking.rules import why_alone

    if any(why_alone(run) is not None for run in todo.values()):
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
        say(f"{len(todo)} runs did not train together ({type(error).__name__}: {error}); they train one by one")
        return made


def checkpoint_seconds() -> float:
    """What CHECKPOINT_SECONDS says. UserError for what is no number of seconds."""
    text = os.environ.get(CHECKPOINT_SECONDS, "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise UserError(f"{CHECKPOINT_SECONDS} is {text!r}; valid: seconds, 0 or more.")
    return seconds


def stacking() -> str:
    """What STACKING says. UserError for anything else."""
    text = os.environ.get(STACKING, CHOICES[0])
    if text not in CHOICES:
        raise UserError(f"{STACKING} is {text!r}; valid: {', '.join(CHOICES)}.")
    return text


def _pays(run: dict[str, Any], data: DataSet, runs: int) -> bool:
    from gan_bench.game.game import build_game
    from gan_bench.stacking.rules import why_not_worth
    from gan_bench.train.schedule import schedule
    from gan_bench.train.state import setup_of

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
    from gan_bench.jobs.watch import watcher
    from gan_bench.stacking.training import Asked, train_runs

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
