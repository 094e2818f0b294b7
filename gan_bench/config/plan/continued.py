"""Settings of runs that continue other runs, and complete values of `early_stop` and `rewind_on_collapse`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.variant import ContinuedVariant
from gan_bench.config.plan.changes import changed
from gan_bench.run_keys import RUN, keys_at

#: Keys that say how a run begins or ends. A run does not take them from the run that it continues.
OWN = ("early_stop", "rewind_on_collapse", "continue_from")


@dataclass(frozen=True)
class Parent:
    """The run that a variant continues (the parent).

    label: the label of the parent's variant, or the path of a stored run.
    changes: key -> value, for each key that the continuing variant sets, except `continue_from`.
    settings: settings of a stored run without seed; None if the parent is a variant of the study.
    """

    label: str
    changes: Mapping[str, Any]
    step: int | str
    optimizers: str
    settings: Mapping[str, Any] | None = None


def combinations(variant: ContinuedVariant) -> list[dict[str, Any]]:
    """Every combination of the values that the item lists, each as {key: value}."""
    listed = variant.values_by_key()
    return [dict(zip(listed, values, strict=True)) for values in product(*listed.values())]


def child_settings(
    parent: Mapping[str, Any], own: Mapping[str, Any], changes: Mapping[str, Any], problems: Problems, entry: int
) -> dict[str, Any]:
    """Settings of a run that continues a run with the settings `parent`: the parent's settings after `changes`.

    The values of the keys in OWN come from `own`, not from the parent.
    """
    kept = {key: value for key, value in parent.items() if key not in OWN}
    settings, taken = changed({**kept, **own}, changes, problems, ("variants", entry))
    for key in changes.keys() - taken:
        problems.add(("variants", entry, key), "is not read by the method of the run to continue; take it out.")
    return settings


def with_defaults(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings with the defaults of the keys that they leave out."""
    return {**{key.name: key.default for key in keys_at(RUN) if not key.stored and key.name != "seed"}, **settings}


def completed(
    settings: dict[str, Any], scoring: Mapping[str, Any], problems: Problems, place: Sequence[Any]
) -> dict[str, Any]:
    """`settings` with complete `early_stop` and `rewind_on_collapse`.

    `early_stop` gets its defaults from `scoring`: "extractor", "split" and "validation" of the study. The items of
    `rewind_on_collapse.then` are applied one after the other. Each item is replaced by complete values of the keys that
    it changes. Keys that the method does not read, and an `early_stop` without `validation`, are reported.
    """
    result = dict(settings)
    if isinstance(rule := settings.get("early_stop"), Mapping):
        result["early_stop"] = {**scoring, **rule}
        if result["early_stop"].get("validation") is None:
            problems.add((*place, "early_stop"), "needs images set aside: set evaluation.validation, such as 0.2.")
    if (rewind := settings.get("rewind_on_collapse")) is not None:
        then, now = [], {key: value for key, value in settings.items() if key not in OWN}
        for change in rewind["then"]:
            after, taken = changed(now, change, problems, (*place, "rewind_on_collapse", "then"))
            for key in change.keys() - taken:
                problems.add((*place, "rewind_on_collapse", "then", key), "is not read by the method; take it out.")
            then.append({key: value for key, value in after.items() if value != now.get(key)})
            now = after
        result["rewind_on_collapse"] = {"to": rewind["to"], "then": then}
    return result


def with_parent(settings: dict[str, Any], parent: Parent, stored: Mapping[str, Any]) -> dict[str, Any]:
    """`settings` with `continue_from`: the parent's `stored` settings, the step, and how to treat the optimizers."""
    start = {"settings": dict(stored), "step": parent.step, "optimizers": parent.optimizers}
    return {**settings, "continue_from": start}
