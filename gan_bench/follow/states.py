"""The state of every run of a study, read from the files of the store and of the study. This module needs no torch."""

import fcntl
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.config.plan.costs import work
from gan_bench.dag import Lookups
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import CHECKPOINT, MANIFEST, PROGRESS_NOTE, STATUS, seed_folder
from gan_bench.provenance import train_digest, train_parts, train_stage
from gan_bench.store import RECEIPT, run_key, stored_folder

#: States of a run that is finished.
FINISHED = ("ok", "diverged", "failed", "timeout")
#: States of a run whose result is a failure.
FAILED = ("failed", "timeout")


class RunState(NamedTuple):
    """The state of one run.

    `state`: one of FINISHED, "running", "stopped" (it has begun and can be resumed) or "waiting". `note`: the status
    document of a finished run, the progress of a run that has begun, or {}. `cell`: (data set, id). `folder`: folder of
    the run in the store; None if the data set is not prepared or the run is no longer in the store.
    """

    cell: tuple[str, str]
    variant: str
    seed: int
    state: str
    note: Mapping[str, Any]
    folder: Path | None

    @property
    def name(self) -> str:
        return f"{self.cell[0]}/{self.variant} seed {self.seed}"


class StudyStates:
    """Reads the states of a study's runs. Finished runs of the store are remembered and not read again."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self.store = Path(lookups.results) / "store"
        self._codes: dict[Any, str] = {}
        self._finished: dict[str, RunState] = {}
        self._keys: dict[tuple[tuple[str, str], int], str] = {}

    def read(self) -> list[RunState]:
        """The states of all runs, in the order of the plan."""
        return [self._state(cell, seed) for cell in self.lookups.all_cells for seed in cell["seeds"]]

    def _state(self, cell: Mapping[str, Any], seed: int) -> RunState:
        place = (cell["dataset"], cell["id"])
        key = self._key(place, cell["settings"], seed)
        if key is None:
            return RunState(place, cell["variant"], seed, "waiting", {}, None)
        if key not in self._finished:
            final, partial = stored_folder(self.store, key), self.store / "partial" / key
            if not (final / RECEIPT).is_file():
                if status := self._published(place, seed, key):
                    return RunState(place, cell["variant"], seed, status.get("status", "ok"), status, None)
                state = "running" if _locked(partial.with_name(f"{key}.lock")) else "stopped"
                note = _read(partial / PROGRESS_NOTE)
                if state == "stopped" and not note and not (partial / CHECKPOINT).is_file():
                    state = "waiting"
                return RunState(place, cell["variant"], seed, state, note, partial)
            status = _read(final / STATUS)
            self._finished[key] = RunState(place, cell["variant"], seed, status.get("status", "ok"), status, final)
        return self._finished[key]._replace(cell=place, variant=cell["variant"], seed=seed)

    def _published(self, place: tuple[str, str], seed: int, key: str) -> dict[str, Any]:
        """The status document of a run that is no longer in the store, from the study's folder.

        {} if no record of a chunk lists the run's key, because the folder may then contain another run.
        """
        folder = Path(self.lookups.study_folder, "runs", *place)
        status = _read(seed_folder(folder, seed) / STATUS)
        records = folder.glob("chunk*.train.json") if status else ()
        known = any(_read(record).get("seeds", {}).get(str(seed), {}).get("key") == key for record in records)
        return status if known else {}

    def _key(self, place: tuple[str, str], settings: Mapping[str, Any], seed: int) -> str | None:
        """The run's key in the store; None if its data set is not prepared yet."""
        if (place, seed) not in self._keys:
            data = _read(Path(self.lookups.results) / "data" / self.lookups.json["datasets"][place[0]]["id"] / MANIFEST)
            if "digest" not in data:
                return None
            parts = (train_stage(settings), *train_parts(settings))
            if parts not in self._codes:
                self._codes[parts] = train_digest(settings)
            self._keys[place, seed] = run_key({**settings, "seed": seed}, self._codes[parts], data["digest"])
        return self._keys[place, seed]

    def seconds_left(self, states: Sequence[RunState]) -> float | None:
        """CPU seconds of training that remain; None if no duration can be estimated.

        The duration of a run is estimated from the first source that exists: the run's own progress, the finished runs
        of its cell, the table of costs (gan_bench.config.plan.costs), or the mean of the other durations.
        """
        done: dict[tuple[str, str], list[float]] = {}
        for run in states:
            if run.state == "ok" and run.note.get("seconds") is not None:
                done.setdefault(run.cell, []).append(run.note["seconds"])
        left, unknown, known = 0.0, 0, [second for seconds in done.values() for second in seconds]
        for run in states:
            if run.state in FINISHED:
                continue
            share = run.note["step"] / run.note["of"] if run.note.get("of") else 0.0
            whole = self._whole(run, share, done)
            if whole is None:
                unknown += 1
            else:
                left += (1 - share) * whole
                known.append(whole)
        if unknown and not known:
            return None
        return left + unknown * (sum(known) / len(known) if known else 0.0)

    def _whole(self, run: RunState, share: float, done: Mapping[tuple[str, str], list[float]]) -> float | None:
        if share > 0:
            return float(run.note["seconds"]) / share
        if run.cell in done:
            return sum(done[run.cell]) / len(done[run.cell])
        channels, height, width = self.lookups.json["datasets"][run.cell[0]]["shape"]
        cost = work(self.lookups.cells[run.cell]["settings"], (channels, height, width))
        return None if cost is None else cost.seconds


def counts(states: Sequence[RunState]) -> Counter[str]:
    """Number of runs in each state."""
    return Counter(run.state for run in states)


def _read(file: Path) -> dict[str, Any]:
    """A JSON document; {} if the file is missing or not completely written."""
    try:
        document: dict[str, Any] = read_json(file)
    except UserError:
        return {}
    return document


def _locked(file: Path) -> bool:
    """Whether a process holds the lock. A process that is killed frees its lock."""
    try:
        with file.open("r") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such file
        return False
    return False
