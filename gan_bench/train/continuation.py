"""Continuation: a run (the child) starts from the state of another run (the parent) at a step.

The settings of the child contain the settings of the parent: {"continue_from": {"settings": {...}, "step": N,
"optimizers": "keep"}}. The child has the same seed as the parent.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import digest_of
from gan_bench.train import checkpoint
from gan_bench.train.ema import Average
from gan_bench.train.state import State

Settings = Mapping[str, Any]
#: Function: settings of a child -> file with the state of its parent at the step where the child continues.
Parents = Callable[[Settings], Path]
#: Function that trains a run: (settings, folder, last step or None for the whole run) -> its state and identity.
Train = Callable[[dict[str, Any], Path, int | None], tuple[State, dict[str, str]]]


class ParentEnded(Exception):  # noqa: N818 (its name is written to the status of a run)
    """The parent diverged, ended before the step from which the child continues, or has no best score."""


def parent_settings(settings: Settings) -> dict[str, Any]:
    """Settings of the parent. Its time limit is left out, so that its state does not depend on a clock."""
    parent = {**settings["continue_from"]["settings"], "seed": settings["seed"]}
    parent.pop("timeout", None)
    return parent


def resolved(settings: Settings, step: int) -> dict[str, Any]:
    """`settings` with the step of `continue_from` replaced by the number `step`."""
    return {**settings, "continue_from": {**settings["continue_from"], "step": step}}


def parent_state(settings: Settings, folder: Path, train: Train) -> Path:
    """The file in `folder` with the state of the parent at the step in `settings["continue_from"]`.

    The step "last" is the end of the parent. A negative step counts back from the end. "best" is the step with the best
    score on the images set aside. If the process is killed while the parent is trained, the same call resumes that
    training. ParentEnded if the parent diverges or has no such step.
    """
    file, wanted = folder / paths.STATE, settings["continue_from"]["step"]
    if file.is_file():
        return file
    step: int | None = None
    if wanted != "last":
        step = wanted if wanted != "best" and wanted > 0 else _counted(settings, wanted, folder, train)
    parent = parent_settings(settings)
    state, identity = train(parent, folder, step)
    if step is not None and state.step != step:
        raise ParentEnded(f"the run to continue ended at step {state.step}, before step {step}")
    checkpoint.save(file, state, identity)
    (folder / checkpoint.FILE).unlink(missing_ok=True)
    shutil.rmtree(folder / "whole", ignore_errors=True)
    return file


def step_in(file: Path) -> int:
    """The step of a stored state."""
    stored = _read(file)
    return int(stored[1]["step"])


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    stored = checkpoint.read(file, {})
    if isinstance(stored, str):
        raise UserError(f"{file}: {stored}; remove its folder, and the same command makes it anew.")
    return stored


def _counted(settings: Settings, wanted: int | str, folder: Path, train: Train) -> int:
    """The step `wanted` as a positive number.

    `wanted` is "best", or a negative number that counts back from the end of the parent.
    """
    end, _ = train(parent_settings(settings), folder / "whole", None)
    if wanted == "best":
        return best_step(end)
    assert isinstance(wanted, int)
    if end.step + wanted < 1:
        raise ParentEnded(f"the run to continue ended at step {end.step}; step {wanted} before it does not exist")
    return end.step + wanted


def best_step(state: State) -> int:
    """The step with the best score on the images set aside, from the history. ParentEnded if no score is finite."""
    rows = [row for row in state.monitor.rows if row["validation_best"] == row["step"]]
    if not rows:
        raise ParentEnded(f"the run to continue ended at step {state.step}, before its first score")
    return int(rows[-1]["step"])


def adopt(state: State, file: Path, settings: Settings) -> None:
    """Set the fresh state of a child to its parent's state in `file`.

    The child takes over weights, states of the random generators, order of the data, history, pictures and kept
    generators. For each network, it takes over the state of the optimizer if the child's and the parent's optimizer are
    of the same kind (`kind_of`) and the setting `optimizers` is "keep". A child with a running average of the generator
    takes over the parent's average. If the parent has none, the child's average starts from the weights. UserError if
    the child's networks have parameters with other names or shapes than the parent's, or if the file is damaged.
    """
    tensors, values = _read(file)
    for label, player in state.players.items():
        theirs = {name: tuple(t.shape) for name, t in tensors.items() if name.startswith(f"{label}.parameter.")}
        ours = {f"{label}.parameter.{name}": tuple(t.shape) for name, t in player.parameters.items()}
        if different := sorted(dict(theirs.items() ^ ours.items())):
            raise UserError(
                f"continue_from: the {label} has other parameters than that of the run to continue "
                f"({different[0].removeprefix(f'{label}.parameter.')}); valid: networks of the same shapes."
            )
    checkpoint.unpack_course(state, tensors, values)
    same_stats = values["stats"] == {name: list(names) for name, names in state.monitor.stats.items()}
    if same_stats:
        checkpoint.unpack_windows(state, tensors)
    state.monitor.first = values["first"] if same_stats else state.step
    optimizers = {}
    for label, player in state.players.items():
        checkpoint.unpack_weights(player, label, tensors)
        keep = settings["continue_from"]["optimizers"] == "keep"
        keep = keep and checkpoint.kind_of(player.optimizer) == values["optimizers"][label]
        optimizers[label] = "kept" if keep else "reset"
        if keep:
            checkpoint.unpack_optimizer(player, label, tensors, values[label])
    if state.average is not None:
        if "average_updates" in values:
            checkpoint.unpack_average(state.average, tensors, values)
        else:
            state.average = Average(state.average.decay, state.players["generator"].tensors)
    parent = digest_of(parent_settings(settings))
    state.continued = {"step": state.step, "parent": parent, "optimizers": optimizers, "seconds": state.seconds}
