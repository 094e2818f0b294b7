"""The keys of a run's settings that the run's method reads.

A key that the method does not read is null, an empty list or absent in a run's settings. In an item of a study's
`variants`, such a key is a mistake. In an override, it is ignored.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench.config.grammar.problems import mistake
from gan_bench.config.grammar.reference import Ref
from gan_bench.errors import UserError
from gan_bench.registry import component
from gan_bench.run_keys import BY_NAME, REQUIRED, RUN_KEYS, USABLE


def checked_method(ref: Ref) -> Ref:
    """Return `ref`, which is a reference to a method, or settings that change a method.

    Raises a pydantic error if `ref` names a method whose FACTS lack a valid "uses".
    """
    if "name" in ref:
        try:
            keys_read_by(ref)
        except UserError as error:
            raise mistake(" ".join(error.sentences)) from None
    return ref


def keys_read_by(method: Ref) -> frozenset[str]:
    """Keys of a run's settings that `method` (a reference) reads. UserError if its FACTS lack a valid "uses"."""
    uses = component("methods", method["name"]).facts.get("uses")
    if not isinstance(uses, list | tuple) or not set(uses) <= set(USABLE):
        raise UserError(
            f"method {method['name']!r}: its FACTS must have 'uses', a list whose entries are among: "
            f"{', '.join(USABLE)}."
        )
    return frozenset(key.name for key in RUN_KEYS if key.read_by == "all" or {key.name, key.read_by} & set(uses))


def stored_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the form in which a run stores them. Keys that the method does not read are null or empty lists.

    A key with `stored=False` in RUN_KEYS is left out if it has its default.
    """
    read = keys_read_by(settings["method"])
    keys = [BY_NAME[name] for name in settings]
    return {
        key.name: settings[key.name] if key.name in read else unused_value(key.type)
        for key in keys
        if key.stored or settings[key.name] != key.default
    }


def unused_value(type: str) -> Any:
    """The value of a key that the method of a run does not read."""
    return [] if type == "components" else None


def keys_set_by(name: str, read: frozenset[str]) -> tuple[str, ...]:
    """The keys of a run's settings that the study key `name` sets and that the method reads (`read`)."""
    return tuple(key for key in BY_NAME[name].sets or (name,) if key in read)


def unused_key_sentence(method: str, key: str) -> str:
    """The message about a key that the method does not read."""
    return f"method {method!r} has no use for {key}; take it out."


def missing_keys(settings: Mapping[str, Any]) -> Iterator[str]:
    """Keys that have no default, that the run's method reads, and that are not set."""
    read = keys_read_by(settings["method"])
    return (
        key.name
        for key in RUN_KEYS
        if key.name in settings.keys() & read and settings[key.name] is None and key.default is REQUIRED
    )
