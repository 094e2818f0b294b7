"""One run, from its settings to its files. The same call again resumes an unfinished run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_bench import paths
from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, digest_file, digest_of, read_json
from gan_bench.methods import Program
from gan_bench.provenance import train_digest
from gan_bench.registry import stem
from gan_bench.train import _memory, checkpoint, interruption
from gan_bench.train._torch import deterministic, device_of
from gan_bench.train._versions import provenance
from gan_bench.train.loop import End, Halt, Hooks, TrainingData, train
from gan_bench.train.output import write_run
from gan_bench.train.progress_file import ProgressFile
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.state import State, setup_of, start

Say = Callable[[str], None]
#: (rows of the history so far, planned G steps) -> why to end the run, or None.
Watch = Callable[[Sequence[Mapping[str, float]], int], Halt | None]
Settings = Mapping[str, Any]


def train_run(
    settings: dict[str, Any],
    data: DataSet,
    out: Path,
    *,
    checkpoint_seconds: float = 60.0,
    on_progress: Say | None = None,
    stop_after: int | None = None,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Train one run on the training split of `data` and write all its files into `out`; returns its status.

    A run that finished in `out` with the same settings, data and code is not trained again. An interrupted run resumes
    from its checkpoint, with the same result bit for bit. Checkpoints are written every `checkpoint_seconds`. A
    checkpoint of another run, or a damaged one, is ignored; `on_progress` and "notes" of the status say so.

    `watch` sees the history at each log point and may end the run: the status is then "ok" with "stopped_early". A run
    whose settings have `early_stop` needs a `watch` (ValueError). With `stop_after` the run saves and returns
    {"status": "stopped", ...} after that many G steps in all.

    The status holds the step at which this process resumed the run ("resumed_at_step") and the process' peak memory,
    measured from the start of the run ("peak_memory_of": "run") where the system allows it, else over its lifetime
    ("process").

    A signal (Ctrl-C, SIGTERM) saves a checkpoint and raises Interrupted, a KeyboardInterrupt. Divergence is a status,
    and so is "timeout", after `timeout` seconds of training where the settings have it. UserError for settings that do
    not fit the data or this machine.
    """
    say = on_progress or (lambda _text: None)
    run = open_run(settings, data, Path(out), say, watch, checkpoint_seconds=checkpoint_seconds, stop_after=stop_after)
    if isinstance(run, dict):
        return run
    with deterministic(settings["threads"], run.device), interruption.deferred():
        images = training_data(data, run.device)
        run.load(data, len(images.images))
        end = train(run.program, run.state, run.plan, images, run.hooks)
        return run.finish(data, end)


@dataclass
class UnfinishedRun:
    """A run to be trained. `load` sets its program, state, plan and hooks; `finish` writes its files.

    Between the two the caller trains it, with `train` or with a loop over many runs (gan_bench.train.loop.look).
    """

    settings: dict[str, Any]
    out: Path
    say: Say
    watch: Watch | None
    identity: dict[str, str]
    checkpoint_seconds: float
    stop_after: int | None
    made_with: dict[str, Any]
    memory_of: str
    notes: list[str] = field(default_factory=list)
    resumed_at: int | None = None
    program: Program = field(init=False)
    state: State = field(init=False)
    plan: Schedule = field(init=False)
    hooks: Hooks = field(init=False)

    @property
    def device(self) -> torch.device:
        """The device it trains on. UserError if this machine has no such device."""
        return device_of(self.settings["device"])

    def load(self, data: DataSet, n_train: int) -> None:
        """Set the state before the first step, or the state of the checkpoint."""
        self.plan = schedule(self.settings, n_train)
        self.program, self.state = start(setup_of(self.settings, data), n_train, self.plan, self.device, data)
        self.notes += _resume(self.out, self.state, self.identity, self.say)
        self.resumed_at = self.state.step or None
        self.hooks = self._hooks()

    def finish(self, data: DataSet, end: End, stacked: int = 1) -> dict[str, Any]:
        """Write the files after the training; returns the status, or {"status": "stopped", ...} before the last step.

        `stacked` is the number of runs that trained together in this process. Above 1 the peak memory is that of all of
        them ("peak_memory_of": "stack"), and `seconds` is the run's share of their time.
        """
        state, plan = self.state, self.plan
        if end is None and state.step < plan.g_steps:
            return {"status": "stopped", "reason": None, "step": None, "g_steps": state.step, "notes": self.notes}
        memory = {"peak_memory_mb": _memory.peak(), "peak_memory_of": self.memory_of if stacked == 1 else "stack"}
        about: dict[str, Any] = {"provenance": self.made_with, "identity": self.identity, "stacked": stacked, **memory}
        about |= {"resumed_at_step": self.resumed_at, "notes": self.notes}
        return write_run(self.out, self.settings, data, self.program, state, plan, end, about)

    def _hooks(self) -> Hooks:
        plan, watch = self.plan, self.watch
        progress = ProgressFile(self.out, plan, plan.images(self.state.step))

        def logged(state: State) -> None:
            if (line := progress.note(state)) is not None:
                self.say(line)

        return Hooks(
            save=lambda state: checkpoint.save(self.out / checkpoint.FILE, state, self.identity),
            save_seconds=self.checkpoint_seconds,
            logged=logged,
            stop_after=self.stop_after,
            watch=None if watch is None else lambda state: watch(state.monitor.rows, plan.g_steps),
            timeout=self.settings.get("timeout"),
            pictured=progress.show,
        )


def open_run(
    settings: dict[str, Any],
    data: DataSet,
    out: Path,
    say: Say,
    watch: Watch | None,
    *,
    checkpoint_seconds: float,
    stop_after: int | None = None,
) -> UnfinishedRun | dict[str, Any]:
    """The run in `out`, to be trained; its status if it is finished already. Raises as `train_run`."""
    if settings.get("early_stop") is not None and watch is None:
        raise ValueError("settings with early_stop need a `watch`")
    identity = _identity(settings, data)
    status = _finished_status(out, identity)
    if status is not None:
        say(f"{out}: finished before with the same settings, data and code")
        return status
    _check_data(settings, data)
    device_of(settings["device"])
    made_with = provenance(settings["threads"], settings["device"])
    memory_of = "run" if _memory.reset_peak() else "process"
    return UnfinishedRun(settings, out, say, watch, identity, checkpoint_seconds, stop_after, made_with, memory_of)


def training_data(data: DataSet, device: torch.device) -> TrainingData:
    """The training split on the device."""
    labels = data.labels("train")
    return TrainingData(
        torch.from_numpy(np.array(data.images("train"))).to(device),
        None if labels is None else torch.from_numpy(np.array(labels)).to(device),
    )


def _check_data(settings: Settings, data: DataSet) -> None:
    """UserError where `data` was not prepared from the reference in the settings."""
    wanted, prepared = _values(settings["dataset"]), _values({"name": data.name, **data.manifest["settings"]})
    if wanted != prepared:
        raise UserError(
            f"{data.folder}: holds data set {canonical_json(prepared)}, the run's settings ask for "
            f"{canonical_json(wanted)}; prepare that one."
        )


def _values(ref: Mapping[str, Any]) -> dict[str, Any]:
    """A reference without the path and digest of a user's own file."""
    return {**{key: value for key, value in ref.items() if key != "digest"}, "name": stem(ref["name"])}


def _identity(settings: Settings, data: DataSet) -> dict[str, str]:
    """What identifies a run. Checkpoints and finished runs that differ in any of these values are of another run."""
    return {
        "settings": digest_of(dict(settings)),
        "data": data.digest,
        "code": train_digest(settings),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def _finished_status(out: Path, identity: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        status: dict[str, Any] = read_json(out / paths.STATUS)
    except UserError:  # absent or truncated: the run is not finished
        return None
    files = status.get("sha256", {})
    whole = set(files) == set(paths.REPEATABLE_FILES) and all(
        (out / name).is_file() and digest_file(out / name) == sha for name, sha in files.items()
    )
    return status if whole and status.get("identity") == identity else None


def _resume(out: Path, state: State, identity: Mapping[str, str], say: Say) -> list[str]:
    """Load the checkpoint in `out` if it belongs to this run; returns notes for the status."""
    path = out / checkpoint.FILE
    if not path.is_file():
        return []
    note = checkpoint.resume(path, state, identity)
    say(note or f"resumed at step {state.step}")
    return [] if note is None else [note]
