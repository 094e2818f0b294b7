"""A run's state in one file, so that a killed run resumes with the same result."""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from gan_bench.files import canonical_json
from gan_bench.game.player import Player
from gan_bench.paths import CHECKPOINT
from gan_bench.train.ema import Average
from gan_bench.train.sampler import Sampler
from gan_bench.train.state import State
from gan_bench.train.tensors import write_tensors

FILE = CHECKPOINT


def save(path: Path, state: State, identity: Mapping[str, str]) -> None:
    """Write the state, atomically. A run resumes only from a file with the same `identity`."""
    tensors, values = _pack(state)
    metadata = {"identity": canonical_json(dict(identity)), "state": canonical_json(values), "sha256": _digest(tensors)}
    write_tensors(path, tensors, metadata)


def resume(path: Path, state: State, identity: Mapping[str, str]) -> str | None:
    """Load a checkpoint into a new state. Returns None, or a sentence that says why the file was not used.

    The state changes only if the whole file could be read, is not damaged and has the same identity.
    """
    stored = read(path, identity)
    if isinstance(stored, str):
        return f"{path.name} {stored} and was ignored; training starts from the beginning"
    _unpack(state, *stored)
    return None


def read(path: Path, identity: Mapping[str, str]) -> tuple[dict[str, Tensor], dict[str, Any]] | str:
    """Tensors and values of a stored state, or the reason why the file cannot be used."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        theirs, values = json.loads(metadata["identity"]), json.loads(metadata["state"])
        damaged = _digest(tensors) != metadata["sha256"]
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        return f"is damaged ({type(error).__name__})"
    if damaged:
        return "is damaged (its digest differs)"
    changed = sorted(key for key in identity if theirs.get(key) != identity[key])
    return f"belongs to another run (different {', '.join(changed)})" if changed else (tensors, values)


def _pack(state: State) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state as two dictionaries: tensors by name, and all other values, for JSON."""
    monitor = state.monitor
    tensors = {
        "sampler.pending": torch.from_numpy(np.ascontiguousarray(_sampler(state).pending)),
        "monitor.rows": torch.tensor([list(row.values()) for row in monitor.rows], dtype=torch.float64),
    }
    tensors |= {f"monitor.{name}": window[: monitor.filled[name]] for name, window in monitor.windows.items()}
    tensors |= {f"frame.{step}": torch.from_numpy(images) for step, images in state.frames}
    tensors |= {f"kept.{step}.{name}": tensor for step, kept in state.kept for name, tensor in kept.items()}
    values: dict[str, Any] = {
        "kept": [step for step, _ in state.kept],
        "step": state.step,
        "seconds": state.seconds,
        "columns": list(monitor.rows[0]) if monitor.rows else [],
        "stats": {name: list(names) for name, names in monitor.stats.items()},
        "first": monitor.first,
        "continued": state.continued,
        "frames": [step for step, _ in state.frames],
        "rngs": {purpose: rng.bit_generator.state for purpose, rng in state.rngs.items()},
    }
    if state.average is not None:
        values["average_updates"] = state.average.updates
        tensors |= {f"average.{name}": tensor for name, tensor in state.average.tensors.items()}
    for label, player in state.players.items():
        tensors |= {f"{label}.parameter.{name}": tensor for name, tensor in player.parameters.items()}
        tensors |= {f"{label}.buffer.{name}": tensor for name, tensor in player.buffers.items()}
        values[label] = _pack_optimizer(player, label, tensors)
    values["optimizers"] = {label: kind_of(player.optimizer) for label, player in state.players.items()}
    return tensors, values


def _unpack(state: State, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    unpack_course(state, tensors, values)
    state.continued, state.monitor.first = values["continued"], values["first"]
    unpack_windows(state, tensors)
    if state.average is not None:
        unpack_average(state.average, tensors, values)
    for label, player in state.players.items():
        unpack_weights(player, label, tensors)
        unpack_optimizer(player, label, tensors, values[label])


def unpack_course(state: State, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Set the step, training time, history, pictures, kept generators, data order and random state of a run.

    Columns of the stored history that the run's history does not have are left out. Columns that the stored history
    does not have are NaN. The functions below set networks, optimizers, running average and the stats of the steps
    since the last row.
    """
    monitor = state.monitor
    state.step, state.seconds = values["step"], values["seconds"]
    _sampler(state).pending = tensors["sampler.pending"].numpy()
    state.frames = [(step, tensors[f"frame.{step}"].numpy()) for step in values["frames"]]
    state.kept = [(step, _named(tensors, f"kept.{step}.")) for step in values["kept"]]
    rows = [dict(zip(values["columns"], row, strict=True)) for row in tensors["monitor.rows"].tolist()]
    monitor.rows = [{name: row.get(name, math.nan) for name in monitor.columns} for row in rows]
    for purpose, rng in state.rngs.items():
        rng.bit_generator.state = values["rngs"][purpose]


def unpack_windows(state: State, tensors: Mapping[str, Tensor]) -> None:
    """Set the stats of the steps since the last row of the history."""
    for name, window in state.monitor.windows.items():
        stored = tensors[f"monitor.{name}"]
        window[: len(stored)] = stored.to(window.device)
        state.monitor.filled[name] = len(stored)


def unpack_average(average: Average, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Set the running average of the generator."""
    average.updates = values["average_updates"]
    for name, tensor in average.tensors.items():
        tensor.copy_(tensors[f"average.{name}"])


def unpack_weights(player: Player, label: str, tensors: Mapping[str, Tensor]) -> None:
    """Set parameters and buffers of a network. A buffer that `tensors` lacks keeps its value."""
    with torch.no_grad():
        for name, parameter in player.parameters.items():
            parameter.copy_(tensors[f"{label}.parameter.{name}"])
        for name, buffer in player.buffers.items():
            buffer.copy_(tensors.get(f"{label}.buffer.{name}", buffer))


def _named(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `prefix`; the prefix is removed from the names."""
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _sampler(state: State) -> Sampler:
    """The state's sampler. Only states of runs with training are saved, and these have a sampler."""
    assert state.sampler is not None
    return state.sampler


def _pack_optimizer(player: Player, label: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Add the tensors of the optimizer's state to `tensors`; returns the rest of the state.

    Parameter groups are not stored, because they are built again from the settings.
    """
    rest: dict[str, Any] = {}
    assert player.optimizer is not None
    for name, parameter in player.parameters.items():
        kept = player.optimizer.state.get(parameter, {})
        moments = {key: value for key, value in kept.items() if isinstance(value, Tensor)}
        tensors |= {f"{label}.optimizer.{name}:{key}": value for key, value in moments.items()}
        devices = {key: str(value.device) for key, value in moments.items()}
        rest[name] = {"devices": devices, "values": {key: value for key, value in kept.items() if key not in moments}}
    return rest


def kind_of(optimizer: torch.optim.Optimizer | None) -> str:
    """Class and boolean options of an optimizer, as text.

    A run takes over the state of another run's optimizer only if this text is the same for both optimizers.
    """
    if optimizer is None:
        return ""
    switches = {key: value for key, value in optimizer.param_groups[0].items() if isinstance(value, bool)}
    return f"{type(optimizer).__name__} {canonical_json(switches)}"


def unpack_optimizer(player: Player, label: str, tensors: Mapping[str, Tensor], stored: Mapping[str, Any]) -> None:
    """Set the optimizer's state directly: Optimizer.load_state_dict would cast tensors to the parameter's type."""
    assert player.optimizer is not None
    for name, parameter in player.parameters.items():
        entry = stored[name]
        # The optimizer may keep its step count on the CPU although the parameter is on a GPU.
        moments = {key: tensors[f"{label}.optimizer.{name}:{key}"].to(where) for key, where in entry["devices"].items()}
        if moments or entry["values"]:
            player.optimizer.state[parameter] = {**entry["values"], **moments}


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\0".encode())
        if values.numel():  # an empty tensor read from a file has stride 0 and cannot be viewed as bytes
            digest.update(values.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
