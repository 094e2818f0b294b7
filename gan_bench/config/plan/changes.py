"""Applies changes to a run's settings: those of an override, of a variant to its preset or parent, or of a rewind."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from gan_bench.config.grammar.method_keys import keys_read_by, keys_set_by
from gan_bench.config.grammar.problems import Problems, mistake
from gan_bench.config.grammar.reference import resolve
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.run_keys import COMPONENT_KEYS


def changed(
    settings: Mapping[str, Any], change: Mapping[str, Any], problems: Problems, place: Loc
) -> tuple[dict[str, Any], set[str]]:
    """The settings after `change`, and the keys of `change` that the run's method reads.

    Invalid values are added to `problems`; `place` is the place of the change in the study file. The method is changed
    first, then `optimizer`, then the other keys. If the value of a component is a mapping without `name`, it changes
    settings of the component in `settings`.
    """
    result, taken = dict(settings), set()
    read = keys_read_by(settings["method"])
    # The method comes first, because it decides which other keys are read.
    for key in sorted(change, key=lambda key: (key != "method", key != "optimizer")):
        value = change[key]
        for target in keys_set_by(key, read):
            taken.add(key)
            try:
                result[target] = merged(target, result.get(target), value)
            except (ValidationError, PydanticCustomError) as error:
                problems.add_error((*place, key), error)
        if key == "method":
            read = keys_read_by(result["method"])
    return result, taken


def merged(key: str, current: Any, value: Any) -> Any:
    """The value of a run's key after a change. For a component, a `value` without a name is merged into `current`."""
    if key not in COMPONENT_KEYS or "name" in value:
        return value
    if current is None:
        raise mistake("has no name, and there is no component to change; give it a name.")
    return resolve(COMPONENT_KEYS[key], {**current, **value})
