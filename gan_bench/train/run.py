"""One run from its settings to the files it leaves; the same call again resumes it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench import paths
from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, digest_file, digest_of, read_json, write_json
from gan_bench.methods import Program
from gan_bench.provenance import train_digest
from gan_bench.registry import stem
from gan_bench.train import _memory, checkpoint
from gan_bench.train._torch import deterministic, device_of
from gan_bench.train._versions import provenance
from gan_bench.train.loop import Halt, Hooks, TrainingData, picture, train
from gan_bench.train.monitor import Divergence, write_history
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.snapshot import write_progress, write_samples
from gan_bench.train.state import State, setup_of, start
from gan_bench.train.tensors import write_tensors

Say = Callable[[str], None]
#: Rows of the history so far and the G steps planned -> why to stop, or None.
Watch = Callable[[Sequence[Mapping[str, float]], int], Halt | None]
Settings = Mapping[str, Any]

#: Least seconds between two lines of progress.
PROGRESS_SECONDS = 5.0


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

    A run that finished there with the same settings, data and code is not trained again; one that was interrupted
    goes on from its checkpoint, written every `checkpoint_seconds`, with the same result bit for bit. A checkpoint of
    anything else, or a damaged one, is ignored, which `on_progress` and the status' "notes" say.

    `watch` sees the history at each log point and may end the run, which is then "ok" and says so in "stopped_early"; a
    run whose settings have `early_stop` needs one (ValueError).

    With `stop_after` the run saves and returns {"status": "stopped", ...} when so many G steps are done in all.
    The status says where the process that ended the run took it up ("resumed_at_step") and the peak memory of that
    process: since the run began there ("peak_memory_of": "run"), or, where that cannot be told, of all it ever did. Of
    `stacked` runs that trained together (gan_bench.stacking.training) the memory is that of all of them ("stack"), and
    `seconds` is a run's share of their time.

    Divergence is a status. UserError for settings that fit neither the data nor this machine.
    """
    say = on_progress or (lambda _text: None)
    begun = begin(settings, data, Path(out), say, watch, checkpoint_seconds=checkpoint_seconds, stop_after=stop_after)
    if isinstance(begun, dict):
        return begun
    with deterministic(settings["threads"], begun.device):
        shown = training_data(data, begun.device)
        begun.start(data, len(shown.images))
        end = train(begun.program, begun.state, begun.plan, shown, begun.hooks)
        return begun.finish(data, end)


@dataclass
class Begun:
    """A run that is not finished: what it is, and from `start` on its program, state, plan and hooks."""

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
        """Where it trains. UserError where this machine has no such device."""
        return device_of(self.settings["device"])

    def start(self, data: DataSet, n_train: int) -> None:
        """Its state before the first step, or that of its checkpoint."""
        self.plan = schedule(self.settings, n_train)
        self.program, self.state = start(setup_of(self.settings, data), n_train, self.plan, self.device, data)
        self.notes += _resume(self.out, self.state, self.identity, self.say)
        self.resumed_at = self.state.step or None
        given = (self.out, self.plan, self.identity, self.checkpoint_seconds, self.say, self.stop_after, self.watch)
        self.hooks = _hooks(*given)

    def finish(self, data: DataSet, end: Divergence | Halt | None, stacked: int = 1) -> dict[str, Any]:
        """Write its files after the training; the status. `stacked` runs shared the operations of its last steps."""
        state, plan = self.state, self.plan
        if end is None and state.step < plan.g_steps:
            return {"status": "stopped", "reason": None, "step": None, "g_steps": state.step, "notes": self.notes}
        memory = {"peak_memory_mb": _memory.peak(), "peak_memory_of": self.memory_of if stacked == 1 else "stack"}
        about: dict[str, Any] = {"provenance": self.made_with, "identity": self.identity, "stacked": stacked, **memory}
        about |= {"resumed_at_step": self.resumed_at, "notes": self.notes}
        return _write(self.out, self.settings, data, self.program, state, plan, end, about)


def begin(
    settings: dict[str, Any],
    data: DataSet,
    out: Path,
    say: Say,
    watch: Watch | None,
    *,
    checkpoint_seconds: float,
    stop_after: int | None = None,
) -> Begun | dict[str, Any]:
    """A run that is to be trained, or the status of one that finished in `out` before. UserError as for `train_run`."""
    if settings.get("early_stop") is not None and watch is None:
        raise ValueError("settings with early_stop need someone who watches the run")
    identity = _identity(settings, data)
    done = _finished(out, identity)
    if done is not None:
        say(f"{out}: finished before with the same settings, data and code")
        return done
    _check_data(settings, data)
    device_of(settings["device"])
    made_with = provenance(settings["threads"], settings["device"])
    memory_of = "run" if _memory.begin() else "process"
    return Begun(settings, out, say, watch, identity, checkpoint_seconds, stop_after, made_with, memory_of)


def training_data(data: DataSet, device: torch.device) -> TrainingData:
    """The training split on the device."""
    labels = data.labels("train")
    return TrainingData(
        torch.from_numpy(np.array(data.images("train"))).to(device),
        None if labels is None else torch.from_numpy(np.array(labels)).to(device),
    )


def _check_data(settings: Settings, data: DataSet) -> None:
    """UserError where `data` was prepared from another reference than the settings name."""
    asked, found = _values(settings["dataset"]), _values({"name": data.name, **data.manifest["settings"]})
    if asked != found:
        raise UserError(
            f"{data.folder}: holds data set {canonical_json(found)}, the run's settings ask for "
            f"{canonical_json(asked)}; prepare that one."
        )


def _values(ref: Mapping[str, Any]) -> dict[str, Any]:
    """A reference without the place and digest of a user's own file."""
    return {**{key: value for key, value in ref.items() if key != "digest"}, "name": stem(ref["name"])}


def _identity(settings: Settings, data: DataSet) -> dict[str, str]:
    """What a checkpoint or a finished run must agree in to be of the same run."""
    return {
        "settings": digest_of(dict(settings)),
        "data": data.digest,
        "code": train_digest(settings),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def _finished(out: Path, identity: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        status: dict[str, Any] = read_json(out / paths.STATUS)
    except UserError:  # none, or cut short: the run is not finished
        return None
    files = status.get("sha256", {})
    whole = set(files) == set(paths.REPEATABLE_FILES) and all(
        (out / name).is_file() and digest_file(out / name) == sha for name, sha in files.items()
    )
    return status if whole and status.get("identity") == identity else None


def _resume(out: Path, state: State, identity: Mapping[str, str], say: Say) -> list[str]:
    """Go on from the checkpoint in `out` if there is one of this run; returns notes for the status."""
    path = out / checkpoint.FILE
    if not path.is_file():
        return []
    note = checkpoint.resume(path, state, identity)
    say(note or f"resumed at step {state.step}")
    return [] if note is None else [note]


def _hooks(
    out: Path,
    plan: Schedule,
    identity: Mapping[str, str],
    save_seconds: float,
    say: Say,
    stop_after: int | None,
    watch: Watch | None,
) -> Hooks:
    begun = said = time.monotonic()

    def logged(state: State) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= PROGRESS_SECONDS or state.step == plan.g_steps:
            row = state.monitor.rows[-1]
            share = 100 * state.step // plan.g_steps
            say(
                f"step {state.step} of {plan.g_steps} ({share} %), d_loss {row['d_loss']:.4g}, "
                f"g_loss {row['g_loss']:.4g}, {now - begun:.0f} s"
            )
            said = now

    return Hooks(
        save=lambda state: checkpoint.save(out / checkpoint.FILE, state, identity),
        save_seconds=save_seconds,
        logged=logged,
        stop_after=stop_after,
        watch=None if watch is None else lambda state: watch(state.monitor.rows, plan.g_steps),
    )


def _write(
    out: Path,
    settings: Settings,
    data: DataSet,
    program: Program,
    state: State,
    plan: Schedule,
    end: Divergence | Halt | None,
    about_run: Mapping[str, Any],
) -> dict[str, Any]:
    """All files of the run: the status last, with `about_run` in it, then the checkpoint goes."""
    (out / paths.STATUS).unlink(missing_ok=True)
    divergence = end if isinstance(end, Divergence) else None
    step = state.step if divergence is None else divergence.step
    final = picture(program, state)
    write_json(out / paths.SETTINGS, dict(settings))
    write_history(out / paths.HISTORY, state.monitor.table())
    about = {"shape": list(data.shape), "classes": len(data.classes or ()), "dtype": str(data.images("train").dtype)}
    metadata = {"settings": canonical_json(dict(settings)), "data": canonical_json(about)}
    write_tensors(out / paths.GENERATOR, state.generator, metadata)
    write_tensors(out / paths.CHECKPOINTS, _kept(state, plan, step), metadata)
    write_samples(out / paths.SAMPLES, final)
    write_progress(out / paths.PROGRESS, [*(frame for frame in state.frames if frame[0] < step), (step, final)])
    status = {
        "status": "ok" if divergence is None else "diverged",
        "reason": None if end is None else end.reason,
        "step": None if divergence is None else divergence.step,
        "stopped_early": None
        if not isinstance(end, Halt)
        else {"step": step, "of": plan.g_steps, "reason": end.reason},
        "g_steps": step,
        "d_steps": plan.d_steps_until(step),
        "images": plan.images(step),
        "seconds": round(state.seconds, 3),
        "steps_per_second": round(state.step / max(state.seconds, 1e-9), 3),
        "parameters": {name: _count(player.parameters) for name, player in state.players.items()},
        "sha256": {name: digest_file(out / name) for name in paths.REPEATABLE_FILES},
        **about_run,
    }
    # It holds times, so that no other file can hold its digest.
    status["checksum"] = digest_of(status)
    write_json(out / paths.STATUS, status)
    (out / checkpoint.FILE).unlink(missing_ok=True)
    return status


def _kept(state: State, plan: Schedule, last: int) -> dict[str, Tensor]:
    """<step>/<name> of the generators kept up to step `last`; with any, discriminator/<name> of the final one."""
    kept = {f"{step}/{name}": value for step, tensors in state.kept if step <= last for name, value in tensors.items()}
    if plan.checkpoint_steps and "discriminator" in state.players:
        kept |= {f"discriminator/{name}": value for name, value in state.players["discriminator"].tensors.items()}
    return kept


def _count(parameters: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in parameters.values())
