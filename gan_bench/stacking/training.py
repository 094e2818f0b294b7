"""Trains runs of one family (gan_bench.stacking.family) in one stack, and writes the files of each run."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.data import DataSet
from gan_bench.game.game import build_game
from gan_bench.provenance import stage_digest
from gan_bench.stacking.family import difference
from gan_bench.stacking.stack import train_together
from gan_bench.store import STACKED_BY
from gan_bench.train._torch import deterministic
from gan_bench.train.interruption import deferred
from gan_bench.train.loop import End, Hooks
from gan_bench.train.state import State, setup_of
from gan_bench.train.unfinished import UnfinishedRun, Watch, open_run, training_data


class RunRequest(NamedTuple):
    """One run to train: its settings, the folder for its files, and the function that may end it early."""

    settings: dict[str, Any]
    out: Path
    watch: Watch | None = None


def train_runs(
    requests: Sequence[RunRequest],
    data: DataSet,
    *,
    checkpoint_seconds: float = 60.0,
    stop_after: int | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Train runs that differ only in seeds and in numeric settings of their optimizers; returns their statuses.

    Files and checkpoints are those of `train_run`, bit for bit, except for times, memory and "stacked" in the status.
    The folder of each run that is trained here also gets the file STACKED_BY. A run that finished before is not trained
    again, and an interrupted run resumes, whether it was trained alone or in a stack.

    Raises:
        ValueError: settings differ in another way; the message names the key.
    """
    for request in requests:
        key = difference(requests[0].settings, request.settings)
        if key is not None:
            raise ValueError(
                f"runs of one stack may differ only in their seeds and in numbers of their optimizers; these differ in "
                f"{key!r}"
            )
    statuses: list[Any] = [
        open_run(
            request.settings,
            data,
            request.out,
            on_progress if on_progress is not None and request is requests[0] else _say_nothing,
            request.watch,
            checkpoint_seconds=checkpoint_seconds,
            stop_after=stop_after,
        )
        for request in requests
    ]
    places = [place for place, status in enumerate(statuses) if isinstance(status, UnfinishedRun)]
    runs: list[UnfinishedRun] = [statuses[place] for place in places]
    if not runs:
        return statuses
    settings, device, code = runs[0].settings, runs[0].device, stage_digest("stacking")
    with deterministic(settings["threads"], device), deferred():
        images = training_data(data, device)
        for run in runs:
            run.load(data, len(images.images))

        def ended(number: int, end: End) -> None:
            run = runs[number]
            _mark(run.out, code)
            statuses[places[number]] = run.finish(data, end, stacked=len(runs))

        members = [(run.program, run.state, _marking(run.hooks, run.out, code)) for run in runs]
        setup = setup_of(settings, data)
        game = build_game(settings, setup.shape, setup.classes)
        train_together(game, members, runs[0].plan, images, ended)
    return statuses


def _mark(out: Path, code: str) -> None:
    """Record in `out` the digest of the stacking code that makes its files."""
    out.mkdir(parents=True, exist_ok=True)
    (out / STACKED_BY).write_text(code, encoding="utf-8")


def _marking(hooks: Hooks, out: Path, code: str) -> Hooks:
    """The hooks of a run. With each checkpoint, they also call `_mark`."""

    def save(state: State, save_alone: Callable[[State], None] = hooks.save) -> None:
        _mark(out, code)
        save_alone(state)

    return replace(hooks, save=save)


def _say_nothing(_text: str) -> None:
    """No message: all runs of a stack are at the same step, and the first run reports it."""
