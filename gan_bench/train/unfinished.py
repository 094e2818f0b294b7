"""A run to be trained: its identity, its state (initial, from a checkpoint or from its parent), and its files."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.files import digest_of
from gan_bench.methods import Program
from gan_bench.train import _memory, checkpoint, interruption, rewind, validation_stop
from gan_bench.train._torch import deterministic, device_of
from gan_bench.train._versions import provenance
from gan_bench.train.continuation import ParentEnded, Parents, adopt, parent_state, resolved, step_in
from gan_bench.train.generate import images_of
from gan_bench.train.identity import check_data, finished_status, identity_of
from gan_bench.train.loop import End, Halt, Hooks, TrainingData, train
from gan_bench.train.monitor import Divergence
from gan_bench.train.output import write_run
from gan_bench.train.progress_file import ProgressFile
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.state import State, setup_of, start
from gan_bench.train.validation_stop import Scorer

Say = Callable[[str], None]
#: Function that may end a run: (rows of the history so far, planned G steps) -> the reason to end it, or None.
Watch = Callable[[Sequence[Mapping[str, float]], int], Halt | None]
Settings = Mapping[str, Any]
#: Folder inside an unfinished run's folder. The run's parent is trained there if `Tools.parents` is None.
PARENT = ".parent"


@dataclass(frozen=True)
class Tools:
    """Functions from packages that gan_bench.train does not import. Each function takes a run's settings.

    `watcher`: returns the function that may end the run when it collapses. `scorer`: returns the `Scorer` that computes
    the score on images set aside. `parents`: returns the file with the state of the parent. If `parents` is None, the
    parent is trained in the folder PARENT inside the folder of the run.
    """

    watcher: Callable[[Settings], Watch | None]
    scorer: Callable[[Settings], Scorer | None]
    parents: Parents | None = None


@dataclass
class UnfinishedRun:
    """A run to be trained. `load` sets its program, state, plan and hooks; `finish` writes its files.

    The training happens between these two calls. `train` calls `load` and then the loop of gan_bench.train.loop.
    gan_bench.stacking calls `load` and then its own loop.
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
    tools: Tools | None = None
    notes: list[str] = field(default_factory=list)
    rewinds: list[rewind.Rewind] = field(default_factory=list)
    resumed_at: int | None = None
    program: Program = field(init=False)
    state: State = field(init=False)
    plan: Schedule = field(init=False)
    hooks: Hooks = field(init=False)

    @property
    def device(self) -> torch.device:
        """The device on which the run trains. UserError as in `device_of`."""
        return device_of(self.settings["device"])

    @property
    def segment(self) -> dict[str, Any]:
        """Settings of the current segment: the run's settings, or the changed settings after a rewind."""
        return rewind.segment(self.settings, self.rewinds)

    @property
    def checkpoint_identity(self) -> dict[str, str]:
        """The identity that a checkpoint must have so that this segment can resume from it."""
        return self.identity | ({"rewinds": digest_of(self.rewinds)} if self.rewinds else {})

    def train(self, data: DataSet) -> End:
        """Train the current segment, from its checkpoint if there is one. Returns why it ended early, or None.

        If the segment continues a parent whose state is not stored yet, the parent is trained first.
        """
        start = self._parent(data) if "continue_from" in self.segment else None
        with deterministic(self.settings["threads"], self.device), interruption.deferred():
            images = training_data(data, self.device)
            self.load(data, len(images.images), start)
            return train(self.program, self.state, self.plan, images, self.hooks)

    def load(self, data: DataSet, n_train: int, start_from: Path | None = None) -> None:
        """Set the state: from a checkpoint of this segment, else from `start_from`, else the initial state."""
        settings = self.segment if start_from is None else resolved(self.segment, step_in(start_from))
        self.plan = schedule(settings, n_train)
        self.program, self.state = start(setup_of(settings, data), n_train, self.plan, self.device, data)
        if start_from is not None:
            adopt(self.state, start_from, settings)
            if self.state.step > self.plan.g_steps:
                raise UserError(f"budget ends at step {self.plan.g_steps}; valid: more than step {self.state.step}.")
        first = self.state.step
        self.notes += _resume(self.out, self.state, self.checkpoint_identity, self.say)
        if self.state.step != first:
            self.resumed_at = self.state.step
        self.hooks = self._hooks(settings)

    def _parent(self, data: DataSet) -> Path:
        """File with the state of the run that this segment continues."""
        if self.tools is not None and self.tools.parents is not None:
            return self.tools.parents(self.segment)
        return parent_file(self.segment, data, self.out / PARENT, self.say, self.tools, self.checkpoint_seconds)

    def goes_back(self, end: End) -> bool:
        """Prepare to go back to an earlier step after a segment that ended with `end`; False if the run ends there."""
        following = rewind.next_rewind(self.settings, self.rewinds, self.state, end)
        if following is None:
            return False
        self.rewinds = [*self.rewinds, following]
        rewind.write_rewinds(self.out, self.identity, self.rewinds)
        self.say(f"collapsed at step {following['at']}: back to step {following['to']}")
        shutil.rmtree(self.out / PARENT, ignore_errors=True)
        (self.out / checkpoint.FILE).unlink(missing_ok=True)
        return True

    def finish(self, data: DataSet, end: End, stacked: int = 1) -> dict[str, Any]:
        """Write the files of a run whose training has ended; returns its status.

        If the training only stopped at `stop_after`, no file is written; returns {"status": "stopped", ...}.

        `stacked` is the number of runs that trained together in this process. If it is above 1, the peak memory is that
        of all these runs ("peak_memory_of": "stack"), and `seconds` is the run's share of the total time.
        """
        state, plan = self.state, self.plan
        if end is None and state.step < plan.g_steps:
            return {"status": "stopped", "reason": None, "step": None, "g_steps": state.step, "notes": self.notes}
        memory = {"peak_memory_mb": _memory.peak(), "peak_memory_of": self.memory_of if stacked == 1 else "stack"}
        about: dict[str, Any] = {"provenance": self.made_with, "identity": self.identity, "stacked": stacked, **memory}
        about |= {"resumed_at_step": self.resumed_at, "notes": self.notes, **self._continued()}
        status = write_run(self.out, self.settings, data, self.program, state, plan, end, about)
        (self.out / rewind.FILE).unlink(missing_ok=True)
        shutil.rmtree(self.out / PARENT, ignore_errors=True)
        return status

    def _continued(self) -> dict[str, Any]:
        """Entries of the status on how the run continued another run, and on the steps to which it went back."""
        about: dict[str, Any] = {}
        states = [*(entry["continued"] for entry in self.rewinds), self.state.continued]
        if "continue_from" in self.settings:
            about["continued"] = states[0]
        if "rewind_on_collapse" in self.settings:
            kept = [{key: entry[key] for key in ("at", "to", "reason", "seconds")} for entry in self.rewinds]
            about["rewound"] = [
                {**entry, "optimizers": state["optimizers"]} for entry, state in zip(kept, states[1:], strict=True)
            ]
        return about

    def _hooks(self, settings: dict[str, Any]) -> Hooks:
        plan = self.plan
        progress = ProgressFile(self.out, plan, plan.images(self.state.step))
        halts = _halts(self, settings)

        def logged(state: State) -> None:
            if (line := progress.note(state)) is not None:
                self.say(line)

        return Hooks(
            save=lambda state: checkpoint.save(self.out / checkpoint.FILE, state, self.checkpoint_identity),
            save_seconds=self.checkpoint_seconds,
            logged=logged,
            stop_after=self.stop_after,
            watch=halts,
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
    tools: Tools | None = None,
) -> UnfinishedRun | dict[str, Any]:
    """The run in `out`, ready to be trained, or its status if it is finished.

    UserError and ValueError as in `train_run`.
    """
    if tools is None and watch is None and any(settings.get(key) for key in ("early_stop", "rewind_on_collapse")):
        raise ValueError("settings with early_stop or rewind_on_collapse need a `watch` or `tools`")
    identity = identity_of(settings, data)
    status = finished_status(out, identity)
    if status is not None:
        say(f"{out}: finished before with the same settings, data and code")
        return status
    check_data(settings, data)
    device_of(settings["device"])
    made_with = provenance(settings["threads"], settings["device"])
    memory_of = "run" if _memory.reset_peak() else "process"
    run = UnfinishedRun(
        settings, out, say, watch, identity, checkpoint_seconds, stop_after, made_with, memory_of, tools
    )
    run.rewinds = rewind.read_rewinds(out, identity)
    return run


def parent_file(
    settings: Settings, data: DataSet, folder: Path, say: Say, tools: Tools | None, checkpoint_seconds: float
) -> Path:
    """The file in `folder` with the state of the parent. If it is missing, the parent is trained in `folder`."""

    def train_parent(parent: dict[str, Any], place: Path, step: int | None) -> tuple[State, dict[str, str]]:
        every, own = checkpoint_seconds, None if tools is None else replace(tools, parents=None)
        run = open_run(parent, data, place, say, None, checkpoint_seconds=every, stop_after=step, tools=own)
        assert isinstance(run, UnfinishedRun)
        end = run.train(data)
        if isinstance(end, Divergence):
            raise ParentEnded(f"the run to continue diverged at step {end.step}: {end.reason}")
        return run.state, run.identity

    return parent_state(settings, folder, train_parent)


def _halts(run: UnfinishedRun, settings: dict[str, Any]) -> Callable[[State], Halt | None] | None:
    """The function that may end a segment: by a score on images set aside, or because the run has collapsed."""
    tools, plan, rule = run.tools, run.plan, settings.get("early_stop")
    watch, scorer = run.watch, None
    if tools is not None:
        rewinds = rewind.rewinds_left(run.settings, run.rewinds)
        watch = tools.watcher({**settings, "early_stop": "on_collapse"} if rewinds else settings)
        scorer = tools.scorer(settings) if isinstance(rule, Mapping) else None
    if watch is None and scorer is None:
        return None

    def halts(state: State) -> Halt | None:
        rows, halt = state.monitor.rows, None
        if scorer is not None and isinstance(rule, Mapping):
            halt = validation_stop.look(rows, rule, scorer, partial(images_of, run.program, state.generator))
        return halt or (None if watch is None else watch(rows, plan.g_steps))

    return halts


def training_data(data: DataSet, device: torch.device) -> TrainingData:
    """The training split on the device."""
    labels = data.labels("train")
    return TrainingData(
        torch.from_numpy(np.array(data.images("train"))).to(device),
        None if labels is None else torch.from_numpy(np.array(labels)).to(device),
    )


def _resume(out: Path, state: State, identity: Mapping[str, str], say: Say) -> list[str]:
    """Load the checkpoint in `out` if it belongs to this run; returns notes for the status."""
    path = out / checkpoint.FILE
    if not path.is_file():
        return []
    note = checkpoint.resume(path, state, identity)
    say(note or f"resumed at step {state.step}")
    return [] if note is None else [note]
