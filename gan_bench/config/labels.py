"""Readable labels of variants: the names of their parts, and the settings that tell equals apart."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gan_bench.config.reference import slug

SEPARATOR = " · "

#: Parts of a variant in the order of a label.
PARTS = ("model", "loss", "penalty", "g_optimizer", "d_optimizer")

Settings = Mapping[str, Any]


def variant_labels(variants: Sequence[tuple[str | None, Settings]]) -> list[str]:
    """One label for each (given name, settings): the given name, or "model · loss · penalty · optimizer".

    Where several variants would be called the same, what differs among them is added: first names of parts, then
    settings as "lr=0.05". Equal settings under one name get equal labels.
    """
    settings = [part for _, part in variants]
    labels = [name or SEPARATOR.join(_names(part)) for name, part in variants]
    labels = _extended(labels, settings, lambda group: _differences([_part_names(part) for part in group]))
    return _extended(labels, settings, lambda group: _differences(_flat(group)))


def _extended(
    labels: Sequence[str], settings: Sequence[Settings], extras: Callable[[list[Settings]], list[list[str]]]
) -> list[str]:
    """Labels with `extras(settings of all variants of one label)` joined to those that are not alone."""
    result = list(labels)
    for label in set(labels):
        members = [i for i, other in enumerate(labels) if other == label]
        for i, extra in zip(members, extras([settings[i] for i in members]), strict=True):
            result[i] = SEPARATOR.join([label, *extra])
    return result


def _names(settings: Settings) -> list[str]:
    model, loss, penalty, g_optimizer, d_optimizer = (slug(settings[part]) for part in PARTS)
    optimizer = g_optimizer if g_optimizer == d_optimizer else f"{g_optimizer}/{d_optimizer}"
    return [model, loss, *([penalty] if penalty != "none" else []), optimizer]


def _part_names(settings: Settings) -> dict[str, str]:
    """{"model": ..., "loss": ..., "penalty": ..., "optimizer": ...}, to be shown without their keys."""
    g_optimizer, d_optimizer = slug(settings["g_optimizer"]), slug(settings["d_optimizer"])
    names = {f"name of {part}": slug(settings[part]) for part in ("model", "loss", "penalty")}
    optimizer = g_optimizer if g_optimizer == d_optimizer else f"{g_optimizer}/{d_optimizer}"
    return {**names, "name of optimizer": optimizer}


def _flat(group: Sequence[Settings]) -> list[dict[str, Any]]:
    """{"model.width": 32, "optimizer.lr": 0.05, "d_steps": 5, ...} for each.

    A setting in which the two optimizers agree throughout the group counts once, as the optimizer's.
    """
    members = []
    for settings in group:
        member: dict[str, Any] = {}
        for part, value in settings.items():
            inner = value if isinstance(value, Mapping) else {"": value}
            member |= {f"{part}.{key}".rstrip("."): item for key, item in inner.items() if key != "name"}
        members.append(member)
    keys = {key.removeprefix("g_optimizer.") for member in members for key in member if key.startswith("g_optimizer.")}
    for key in keys:
        g_key, d_key = f"g_optimizer.{key}", f"d_optimizer.{key}"
        if all(_text(member.get(g_key)) == _text(member.get(d_key)) for member in members):
            for member in members:
                member.pop(d_key, None)
                if g_key in member:
                    member[f"optimizer.{key}"] = member.pop(g_key)
    return members


def _differences(members: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """For each member, its values of the keys that are not the same in all, in the order of the keys."""
    keys = sorted({key for member in members for key in member})
    differing = [key for key in keys if len({_text(member.get(key)) for member in members}) > 1]
    last = [key.split(".")[-1] for key in differing]
    shown = {key: s if last.count(s) == 1 else key.replace(".", "_") for key, s in zip(differing, last, strict=True)}
    return [[_item(shown[key], member[key]) for key in differing if key in member] for member in members]


def _item(key: str, value: Any) -> str:
    if key.startswith("name of "):
        return str(value)
    return str(value)[:8] if key.endswith("digest") else f"{key}={_text(value)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
