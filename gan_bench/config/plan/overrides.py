"""Applies the overrides of a study: which runs an override changes, and their settings afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan_bench.config.grammar.change import Change
from gan_bench.config.grammar.method_keys import missing_keys, stored_settings
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import references, slug
from gan_bench.config.grammar.study import StudyFile, When
from gan_bench.config.plan.changes import changed
from gan_bench.config.plan.variants import PlannedVariant
from gan_bench.errors import unknown_name
from gan_bench.run_keys import RUN_KEYS


@dataclass(frozen=True)
class Applied:
    """Settings of a cell after overrides.

    overrides: indices of the overrides that match the cell.
    taken: (index of an override, key) for each key of these overrides that the cell's method reads.
    """

    settings: dict[str, Any]
    overrides: list[int]
    taken: set[tuple[int, str]]


def apply_overrides(
    file: StudyFile, dataset: str, variant: PlannedVariant, settings: Mapping[str, Any], problems: Problems
) -> Applied:
    """`settings` of `variant` on the data set `dataset` (a label) after all matching overrides, in file order.

    `when` is compared with the settings before all overrides, so an override does not affect which runs another
    override matches. A setting that a component of the run does not have is reported in `problems`. A key that the
    run's method does not read is ignored, so that an override may match runs of several methods.
    """
    result, used = dict(settings), []
    taken: set[tuple[int, str]] = set()
    names = _names(dataset, variant)
    for i, override in enumerate(file.overrides):
        if _matches(override.when, names):
            used.append(i)
            result, keys = changed(result, _given(override.set), problems, ("overrides", i, "set"))
            taken |= {(i, key) for key in keys}
    if missing := " and ".join(missing_keys(result)):
        for i, key in taken:
            if key == "method":
                text = f"method {slug(result['method'])!r} needs {missing}, which {variant.label!r} lacks; set it too."
                problems.add(("overrides", i, "set", key), text)
    return Applied(result, used, taken)


def _given(change: Change) -> dict[str, Any]:
    return {key: getattr(change, key) for key in type(change).model_fields if key in change.model_fields_set}


def check_overrides(file: StudyFile, labels: list[str], variants: list[PlannedVariant], problems: Problems) -> set[int]:
    """Report unknown names in `when`, and return the indices of the overrides with such names."""
    known: dict[str, set[str]] = {key: set() for key in When.model_fields}
    for label in labels:
        for variant in filter(lambda variant: variant.runs_on(label), variants):
            for key, names in _names(label, variant).items():
                known[key] |= names
    wrong = set()
    for i, override in enumerate(file.overrides):
        for key in override.when.model_fields_set:
            for name in getattr(override.when, key):
                if variants and _called(key, name) not in known[key]:
                    text = unknown_name(f"{key} of this study", name, sorted(known[key]))
                    problems.add(("overrides", i, "when", key), text)
                    wrong.add(i)
    return wrong


def _names(dataset: str, variant: PlannedVariant) -> dict[str, set[str]]:
    """Key of `when` -> the names that match this variant and data set."""
    settings = stored_settings(variant.settings)
    components = {
        key.when: {slug(ref) for name in key.sets or (key.name,) for ref in references(settings[name])}
        for key in RUN_KEYS
        if key.when
    }
    return {**components, "dataset": {dataset}, "variant": set(variant.names)}


def _called(key: str, name: str) -> str:
    """`name` in the form in which names are compared. For the path of a component's file, this is its `slug`."""
    return name if key in ("dataset", "variant") else slug({"name": name})


def _matches(when: When, names: Mapping[str, set[str]]) -> bool:
    return all(names[key] & {_called(key, name) for name in getattr(when, key)} for key in when.model_fields_set)
