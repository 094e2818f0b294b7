"""A run's state in one file, so that a killed run resumes with the same result."""

import hashlib
import json
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
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        theirs, values = json.loads(metadata["identity"]), json.loads(metadata["state"])
        damaged = _digest(tensors) != metadata["sha256"]
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        return f"{path.name} is damaged ({type(error).__name__}) and was ignored; training starts from the beginning"
    if damaged:
        return f"{path.name} is damaged (its digest differs) and was ignored; training starts from the beginning"
    changed = sorted(key for key in identity if theirs.get(key) != identity[key])
    if changed:
        return (
            f"{path.name} belongs to another run (different {', '.join(changed)}) and was ignored; training starts "
            "from the beginning"
        )
    _unpack(state, tensors, values)
    return None


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
    return tensors, values


def _unpack(state: State, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    monitor = state.monitor
    state.step, state.seconds = values["step"], values["seconds"]
    _sampler(state).pending = tensors["sampler.pending"].numpy()
    state.frames = [(step, tensors[f"frame.{step}"].numpy()) for step in values["frames"]]
    state.kept = [(step, _named(tensors, f"kept.{step}.")) for step in values["kept"]]
    monitor.rows = [dict(zip(values["columns"], row, strict=True)) for row in tensors["monitor.rows"].tolist()]
    for name, window in monitor.windows.items():
        stored = tensors[f"monitor.{name}"]
        window[: len(stored)] = stored.to(window.device)
        monitor.filled[name] = len(stored)
    if state.average is not None:
        state.average.updates = values["average_updates"]
        for name, tensor in state.average.tensors.items():
            tensor.copy_(tensors[f"average.{name}"])
    for purpose, rng in state.rngs.items():
        rng.bit_generator.state = values["rngs"][purpose]
    for label, player in state.players.items():
        with torch.no_grad():
            for name, parameter in player.parameters.items():
                parameter.copy_(tensors[f"{label}.parameter.{name}"])
            for name, buffer in player.buffers.items():
                buffer.copy_(tensors[f"{label}.buffer.{name}"])
        _unpack_optimizer(player, label, tensors, values[label])


def _named(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `prefix`; the prefix is removed from the names."""
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _sampler(state: State) -> Sampler:
    """The state's sampler. Only states of runs with training are saved, and these have a sampler."""
    assert state.sampler is not None
    return state.sampler


def _pack_optimizer(player: Player, label: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Add the optimizer's tensors to `tensors`; returns the rest of the optimizer's state.

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


def _unpack_optimizer(player: Player, label: str, tensors: Mapping[str, Tensor], stored: Mapping[str, Any]) -> None:
    """Set the optimizer's state directly: Optimizer.load_state_dict would cast tensors to the parameter's type."""
    assert player.optimizer is not None
    for name, parameter in player.parameters.items():
        entry = stored[name]
        # A step count may be on the CPU when the parameter is not.
        moments = {key: tensors[f"{label}.optimizer.{name}:{key}"].to(where) for key, where in entry["devices"].items()}
        if moments or entry["values"]:
            player.optimizer.state[parameter] = {**entry["values"], **moments}


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\0".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
