"""Texts for the levels of each axis of the grid.

A cell is one variant on one data set. An axis is a part of the settings of a cell, for example the optimizer of G. The
value of an axis in a cell is a level. The text of a level has the name of the component, and the settings in which
components of this name differ.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.config.grammar.reference import references, slug

#: Keys of a cell's settings that are axes.
AXES = ("method", "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer")
#: Name of the axis that stands for all other settings.
OTHER = "other settings"
#: Keys that do not belong to OTHER: the axes, the data set and the seed.
LEFT_OUT = (*AXES, "dataset", "seed")
#: Settings that are in the text of a level even if they do not differ: the text is always "adam, lr=0.0002", never
#: "adam".
STATED = ("lr",)

Levels = Mapping[tuple[str, str], Mapping[str, str]]
"""(data set, cell) -> level by axis."""


def cell_levels(settings: Mapping[tuple[str, str], Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Levels of AXES and OTHER in the cells of a study, by (data set, cell).

    Two cells of a data set have the same level of an axis if and only if the settings of this axis are the same in both
    cells.
    """
    levels: dict[tuple[str, str], dict[str, str]] = {}
    for dataset in dict.fromkeys(dataset for dataset, _ in settings):
        keys = [key for key in settings if key[0] == dataset]
        columns = {axis: level_texts([settings[key].get(axis) for key in keys]) for axis in AXES}
        others = [{name: value for name, value in settings[key].items() if name not in LEFT_OUT} for key in keys]
        columns[OTHER] = level_texts([{"name": "", **other} for other in others])
        for i, key in enumerate(keys):
            levels[key] = {axis: texts[i] for axis, texts in columns.items()}
    return levels


def level_texts(values: Sequence[Any]) -> list[str]:
    """Text of each component or list of tricks: the name, and settings that differ among components of this name."""
    members = [references(value) for value in values]
    seen: dict[tuple[str, str], set[str]] = {}
    for reference in (reference for member in members for reference in member):
        for key, value in reference.items():
            seen.setdefault((_name(reference), key), set()).add(_text(value))
    differing = {pair for pair, texts in seen.items() if len(texts) > 1 or pair[1] in STATED}
    return [" + ".join(_reference_text(reference, differing) for reference in member) or "none" for member in members]


def _reference_text(reference: Mapping[str, Any], differing: set[tuple[str, str]]) -> str:
    name = _name(reference)
    items = [f"{key}={_text(value)}" for key, value in sorted(reference.items()) if (name, key) in differing]
    return ", ".join([name, *items] if name else items) or "none"


def _name(reference: Mapping[str, Any]) -> str:
    return slug(dict(reference)) if reference["name"] else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
