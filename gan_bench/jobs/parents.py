"""Stores the training states from which other runs continue. Runs that continue from one state share its file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gan_bench.data import DataSet
from gan_bench.paths import STATE
from gan_bench.provenance import train_digest
from gan_bench.store import obtain, run_key
from gan_bench.train.continuation import Parents, parent_settings
from gan_bench.train.unfinished import Tools, parent_file


def stored_parents(store: Path, data: DataSet, tools: Tools, every: float, say: Callable[[str], None]) -> Parents:
    """A function that takes the settings of a run and returns the file with the state from which the run continues.

    If the store does not have this state, the function trains the parent (the run that is continued) up to the step of
    the state. An interrupted training of the parent is resumed from its checkpoint. `every`: seconds between
    checkpoints.
    """

    def state_file(settings: Mapping[str, Any]) -> Path:
        parent = parent_settings(settings)
        step = settings["continue_from"]["step"]
        key = run_key({**parent, "state_at": step}, train_digest(parent), data.digest)

        def train(folder: Path) -> None:
            say(f"training the parent up to step {step}")
            parent_file(settings, data, folder, say, tools, every)

        return obtain(store, key, train, files=(STATE,))[0] / STATE

    return state_file
