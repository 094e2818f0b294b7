"""Runs of one family (gan_bench.stacking.family) from their settings to the files they leave, trained together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.data import DataSet
from gan_bench.game.game import build_game
from gan_bench.stacking.family import difference
from gan_bench.stacking.stack import train_together
from gan_bench.train._torch import deterministic
from gan_bench.train.loop import Halt
from gan_bench.train.monitor import Divergence
from gan_bench.train.run import Begun, Watch, begin, training_data
from gan_bench.train.state import setup_of


class Asked(NamedTuple):
    """One run: its settings, the folder for its files, and who watches it."""

    settings: dict[str, Any]
    out: Path
    watch: Watch | None = None


def train_runs(
    asked: Sequence[Asked], data: DataSet, *, checkpoint_seconds: float = 60.0, stop_after: int | None = None
) -> list[dict[str, Any]]:
    """Train runs that differ in their seeds and in numbers of their optimizers; their statuses.

    Files, bits and checkpoints are `train_run`'s. Any of them may have finished or been interrupted before, alone or
    together. ValueError, with its key, for any other difference (see gan_bench.stacking.family).
    """
    for one in asked:
        key = difference(asked[0].settings, one.settings)
        if key is not None:
            raise ValueError(
                f"runs that train together may differ in their seeds and in numbers of their optimizers alone, and "
                f"these differ in {key!r}"
            )
    found: list[Any] = [
        begin(*one[:1], data, one.out, _quiet, one.watch, checkpoint_seconds=checkpoint_seconds, stop_after=stop_after)
        for one in asked
    ]
    places = [place for place, one in enumerate(found) if isinstance(one, Begun)]
    runs: list[Begun] = [found[place] for place in places]
    if not runs:
        return found
    settings, device = runs[0].settings, runs[0].device
    with deterministic(settings["threads"], device):
        shown = training_data(data, device)
        for run in runs:
            run.start(data, len(shown.images))
        setup = setup_of(settings, data)

        def ended(run: int, end: Divergence | Halt | None) -> None:
            found[places[run]] = runs[run].finish(data, end, stacked=len(runs))

        members = [(run.program, run.state, run.hooks) for run in runs]
        game = build_game(settings, setup.shape, setup.classes)
        train_together(game, members, runs[0].plan, shown, ended)
    return found


def _quiet(_text: str) -> None:
    """Nothing is said of a run on its way: lines of several runs could not be told apart."""
