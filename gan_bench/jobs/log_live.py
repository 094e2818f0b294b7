"""Writes the curves of a run for other tools (gan_bench.log_to) while it trains."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench import log_to

#: Smallest number of seconds between two writes to the files of a run in training.
SECONDS = 5.0


class Live:
    """Writes the curves of a run in training. Training calls this object at each log point, with the rows so far.

    After writing, the object calls the function in its attribute `watch`, if any. That function decides whether the run
    ends. If the run resumed from a checkpoint, the first call also writes the earlier rows. A full disk does not stop
    the run.
    """

    def __init__(self, targets: Mapping[str, Path]) -> None:
        self.targets = targets
        self.watch: Any = None
        self.writers: list[Any] = []
        self.rows = 0
        self.last = time.monotonic()

    def __call__(self, rows: Sequence[Mapping[str, float]], planned: int) -> Any:
        with contextlib.suppress(OSError):
            if not self.writers:
                self.writers = [log_to.open_writer(form, path) for form, path in self.targets.items()]
            if len(rows) <= self.rows:  # the run went back to an earlier step
                self.rows = len(rows) - 1
            new, self.rows = rows[self.rows :], len(rows)
            for writer in self.writers:
                for row in new:
                    writer.add(int(row["step"]), log_to.tags(row), time.time())
            if time.monotonic() - self.last >= SECONDS:
                self.flush()
        return None if self.watch is None else self.watch(rows, planned)

    def flush(self) -> None:
        self.last = time.monotonic()
        for writer in self.writers:
            writer.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            for writer in self.writers:
                writer.close()


def live(settings: Mapping[str, Any], cell_folder: Path, forms: Sequence[str]) -> Live | None:
    """A `Live` for a run of the cell in the folder RESULTS/STUDY/runs/DATASET/CELL; None if no format is requested."""
    if not forms:
        return None
    study, dataset, cell = cell_folder.parents[2], cell_folder.parent.name, cell_folder.name
    targets = {form: log_to.target(study, form, dataset, cell, settings["seed"]) for form in forms}
    return Live(targets)
