"""Overrides of a study: which runs one changes, and the settings it leaves them with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from gan_bench.config.grammar import Change, Grammar, When
from gan_bench.config.points import Point
from gan_bench.config.problems import Problems
from gan_bench.config.reference import Ref, resolve, slug
from gan_bench.config.yaml_source import Loc
from gan_bench.errors import unknown_name

#: Settings of a run that hold a component -> its axis.
COMPONENT_KEYS = {
    "model": "models",
    "loss": "losses",
    "penalty": "penalties",
    "g_optimizer": "optimizers",
    "d_optimizer": "optimizers",
}


@dataclass(frozen=True)
class Applied:
    """Settings of a cell, and the indices of the overrides that shaped them."""

    settings: dict[str, Any]
    overrides: list[int]


def apply_overrides(
    grammar: Grammar, dataset: str, point: Point, settings: Mapping[str, Any], problems: Problems
) -> Applied:
    """`settings` of `point` on the data set labelled `dataset` after every override that names them, in file order.

    `when` is compared with the settings before any override, so that one override never hides another. A setting
    that the component there does not take is noted in `problems`.
    """
    result, used = dict(settings), []
    names = _names(dataset, point)
    for i, override in enumerate(grammar.overrides):
        if _matches(override.when, names):
            used.append(i)
            result = _changed(result, override.set, ("overrides", i, "set"), problems)
    return Applied(result, used)


def check_overrides(grammar: Grammar, labels: list[str], found: list[Point], problems: Problems) -> set[int]:
    """Note every name in a `when` that the study does not have; returns the overrides with such names."""
    known: dict[str, set[str]] = {key: set() for key in When.model_fields}
    for label in labels:
        for point in filter(lambda point: point.runs_on(label), found):
            for key, names in _names(label, point).items():
                known[key] |= names
    wrong = set()
    for i, override in enumerate(grammar.overrides):
        for key in override.when.model_fields_set:
            for name in getattr(override.when, key):
                if found and _called(key, name) not in known[key]:
                    text = unknown_name(f"{key} of this study", name, sorted(known[key]))
                    problems.add(("overrides", i, "when", key), text)
                    wrong.add(i)
    return wrong


def _names(dataset: str, point: Point) -> dict[str, set[str]]:
    """What each key of `when` is compared with."""
    names = {key: {slug(point.settings[key])} for key in ("model", "loss", "penalty")}
    optimizers = {slug(point.settings["g_optimizer"]), slug(point.settings["d_optimizer"])}
    return {**names, "dataset": {dataset}, "variant": set(point.names), "optimizer": optimizers}


def _called(key: str, name: str) -> str:
    """A user's component file is called by its path or by its stem."""
    return name if key in ("dataset", "variant") else slug({"name": name})


def _matches(when: When, names: Mapping[str, set[str]]) -> bool:
    return all(names[key] & {_called(key, name) for name in getattr(when, key)} for key in when.model_fields_set)


def _changed(settings: dict[str, Any], change: Change, place: Loc, problems: Problems) -> dict[str, Any]:
    result = dict(settings)
    # In the order of the class: `optimizer` first, so that one of the two can be set apart beside it.
    for key in type(change).model_fields:
        value = getattr(change, key)
        if value is None:
            continue
        if key == "optimizer" or key in COMPONENT_KEYS:
            for target in ("g_optimizer", "d_optimizer") if key == "optimizer" else (key,):
                try:
                    result[target] = _patched(target, result[target], value)
                except ValidationError as error:
                    problems.add_validation(error, (*place, key))
                except PydanticCustomError as error:
                    problems.add((*place, key), error.message())
        else:
            result[key] = value.resolved() if key == "budget" else value
    return result


def _patched(key: str, ref: Ref, patch: dict[str, Any]) -> Ref:
    return patch if "name" in patch else resolve(COMPONENT_KEYS[key], {**ref, **patch})
