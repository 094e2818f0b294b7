"""Differences between settings, in words: "optimizer.lr 0.001 -> 0.0002"."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.registry import stem

Settings = Mapping[str, Any]


def settings_difference(before: Settings, now: Settings) -> str:
    """The settings that differ, separated by commas. A change that is equal in both optimizers is listed once."""
    new = _flat(now)
    return ", ".join(_edit(key, pair, new) for key, pair in _edits(before, now).items())


def edit_count(before: Settings, now: Settings) -> int:
    """Number of settings that differ; an exchanged component counts as one setting."""
    return len(_edits(before, now))


def _edits(before: Settings, now: Settings) -> dict[str, tuple[Any, Any]]:
    """{setting: (value before, value now)} for the settings that differ."""
    old, new = _flat(before), _flat(now)
    edits = {key: (old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)]}
    edits = {key: pair for key, pair in edits.items() if pair[0] != pair[1]}
    # If a component was replaced by another one, the edit has only the two names. The settings of these components are
    # left out.
    named = [key for key in edits if f"{key}." in _prefixes(old) | _prefixes(new)]
    edits = {key: pair for key, pair in edits.items() if not any(key.startswith(f"{name}.") for name in named)}
    for key in [key for key in edits if key.startswith("g_optimizer")]:
        other = f"d_{key[2:]}"
        if edits.get(other) == edits[key]:
            edits = {k.removeprefix("g_") if k == key else k: pair for k, pair in edits.items() if k != other}
    return edits


def list_difference(kind: str, before: Sequence[Settings], now: Sequence[Settings]) -> list[str]:
    """Phrases such as "metric kid added", one for each component that was added, removed or changed."""
    old, new = ({stem(ref["name"]): ref for ref in refs} for refs in (before, now))
    sentences = [f"{kind} {name} added" for name in new if name not in old]
    sentences += [f"{kind} {name} removed" for name in old if name not in new]
    both = [(name, old[name], ref) for name, ref in new.items() if old.get(name, ref) != ref]
    return sentences + [f"{kind} {name}: {settings_difference(one, other)}" for name, one, other in both]


def shown(value: Any) -> str:
    """A value as it would be written in a study file; "not set" for None."""
    if isinstance(value, str):
        return value
    return "not set" if value is None else json.dumps(value)


def _flat(settings: Settings) -> dict[str, Any]:
    """{"loss": "hinge", "optimizer.lr": 0.001, "d_steps": 1, ...}: one entry for each setting."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if key == "tricks":
            flat[key] = ", ".join(stem(ref["name"]) for ref in value) or None
            flat |= {f"{stem(ref['name'])}.{name}": v for ref in value for name, v in ref.items() if name != "name"}
        elif isinstance(value, Mapping):
            flat |= {key if name == "name" else f"{key}.{name}": item for name, item in value.items()}
        else:
            flat[key] = value
    return flat


def _prefixes(flat: Settings) -> set[str]:
    return {f"{key.rpartition('.')[0]}." for key in flat if "." in key}


def _edit(key: str, pair: tuple[Any, Any], new: Settings) -> str:
    parent, _, last = key.rpartition(".")
    if last == "digest":  # code digest of a component in the user's own file
        return f"{new.get(parent, new.get('name', parent))} changed"
    return f"{key} {shown(pair[0])} -> {shown(pair[1])}"
