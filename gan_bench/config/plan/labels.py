"""Labels of variants: the names of their components.

If several variants would have the same label, the differences between these variants are appended.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.config.grammar.method_keys import keys_read_by, stored_settings
from gan_bench.config.grammar.reference import references, slug
from gan_bench.config.grammar.variant import Preset, variant_settings
from gan_bench.registry import stem
from gan_bench.run_keys import BY_NAME, RUN_KEYS

SEPARATOR = " · "
NO_TRICKS = "no tricks"

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Named:
    """A variant that needs a label: the name given by the user, the settings, the preset, the data sets (None: all)."""

    name: str | None
    settings: Settings
    preset: Preset | None = None
    datasets: frozenset[str] | None = None

    @property
    def places(self) -> frozenset[str]:
        """Data sets on which the label must differ from other labels; an empty set means all data sets.

        If the user gave the variant a name and data sets, the set has these data sets. Otherwise it is empty.
        """
        return frozenset() if self.name is None or self.datasets is None else self.datasets


def variant_labels(variants: Sequence[Named]) -> list[str]:
    """A label for each variant: its given name, or its preset's name with the changed parts, or the names of its parts.

    Parts are "method · model · loss · penalty · +trick+trick · optimizer". Absent parts, and defaults such as the
    method adversarial, are left out. If several variants would have the same label, their differences are appended:
    first names of parts, then settings such as "lr=0.05". Variants with equal settings and names have equal labels. The
    same name may mean different settings on different data sets.
    """
    settings = [variant.settings for variant in variants]
    labels = [variant.name or SEPARATOR.join(_names(variant)) for variant in variants]
    generated = {label for label, variant in zip(labels, variants, strict=True) if variant.name is None}
    places = [frozenset() if x in generated else variant.places for x, variant in zip(labels, variants, strict=True)]
    labels = _extended(labels, settings, places, lambda group: _differences([_part_names(part) for part in group]))
    return _extended(labels, settings, places, lambda group: _differences(_flat(group)))


def _extended(
    labels: Sequence[str],
    settings: Sequence[Settings],
    places: Sequence[frozenset[str]],
    extras: Callable[[list[Settings]], list[list[str]]],
) -> list[str]:
    """The labels. If several variants have the same label and places, texts from `extras` are appended to the label.

    extras: function from the settings of these variants to the texts to append, one list for each variant.
    """
    result, keys = list(labels), list(zip(labels, places, strict=True))
    for label, place in set(keys):
        members = [i for i, other in enumerate(keys) if other == (label, place)]
        for i, extra in zip(members, extras([settings[i] for i in members]), strict=True):
            result[i] = SEPARATOR.join([label, *extra])
    return result


def _names(variant: Named) -> list[str]:
    parts = _part_names(variant.settings)
    if variant.preset is None:
        hidden = {f"name of {key.name}": key.default or NO_TRICKS for key in RUN_KEYS if key.axis}
        return [text for part, text in parts.items() if hidden[part] != text]
    preset_parts = _part_names(stored_settings(variant_settings(variant.preset.sets)))
    return [variant.preset.name, *(text for part, text in parts.items() if preset_parts.get(part) != text)]


def _part_names(settings: Settings) -> dict[str, str]:
    """{"name of model": name, "name of loss": name, ...} for the parts of a variant."""
    read = keys_read_by(settings["method"])
    names = {}
    for key in [key for key in RUN_KEYS if key.when]:
        refs = [ref for name in key.sets or (key.name,) for ref in references(settings[name])]
        slugs = list(dict.fromkeys(map(slug, refs)))
        if key.type == "components":
            names[key.name] = "".join(f"+{name}" for name in slugs) or (NO_TRICKS if key.name in read else "")
        else:
            names[key.name] = "/".join(slugs)
    return {f"name of {name}": text for name, text in names.items() if text}


def _flat(group: Sequence[Settings]) -> list[dict[str, Any]]:
    """{"model.width": 32, "optimizer.lr": 0.05, "d_steps": 5, ...} for each variant.

    If both optimizers have equal values of a setting in every variant, the setting appears once, under "optimizer".
    """
    members = []
    for settings in group:
        member: dict[str, Any] = {}
        for part, value in settings.items():
            if part == "tricks":
                member |= {f"{stem(ref['name'])}.{key}": v for ref in value for key, v in ref.items() if key != "name"}
            elif isinstance(value, Mapping):
                member |= {f"{part}.{key}": item for key, item in value.items() if key != "name"}
            elif value is not None or BY_NAME[part].nullable:
                member[part] = value
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
    """For each member, texts such as "lr=0.05" for those keys in which the members differ, sorted by key."""
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
