"""Makes pydantic fields from the table of run keys (gan_bench.run_keys), which are the settings of a run.

Run keys may stand in several places of a study file, and in settings.json. The types of the fields depend on the place.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, create_model

from gan_bench.config.grammar.fields import Alternatives, BudgetValue, OneOrMany, Strict, optional
from gan_bench.config.grammar.method_keys import checked_method, unused_value
from gan_bench.config.grammar.reference import ComponentOf, PatchOf, Ref, each_once
from gan_bench.config.grammar.setting_lists import SettingLists
from gan_bench.registry import stem
from gan_bench.run_keys import BY_NAME, OVERRIDE, REQUIRED, RUN, STUDY, VARIANT, RunKey, keys_at

#: A further place for run keys: an item of `variants` with `preset` or `continue_from`. It has the keys of the place
#: VARIANT, but a mapping that describes a component may leave out the component's name.
PRESET = "preset"

#: Name of a type in RUN_KEYS, such as `early_stop` -> the pydantic type of its values, which are mappings.
#: gan_bench.config.grammar.continuation adds the items, because it imports this module and an import in the other
#: direction would be circular.
MAPPINGS: dict[str, Any] = {}

Model = TypeVar("Model", bound=Strict)


def with_run_keys(place: str) -> Callable[[type[Model]], type[Model]]:
    """Class decorator that adds to the model a field for each run key that is valid at `place`."""
    return with_fields(dict(_fields(place)))


def with_fields(fields: Mapping[str, tuple[Any, Any]]) -> Callable[[type[Model]], type[Model]]:
    """Class decorator that adds `fields` to the model: name -> (type, pydantic Field or default)."""

    def extended(model: type[Model]) -> type[Model]:
        about = {"__doc__": model.__doc__, "__module__": model.__module__}
        return create_model(model.__name__, __base__=model, **about, **fields)  # type: ignore[call-overload, no-any-return]

    return extended


def change_field(name: str) -> tuple[Any, Any]:
    """Type and pydantic Field of a key in a mapping that changes the settings of a run."""
    key = BY_NAME[name]
    return _value_type(key, changes=True), optional(_or_settings(key, "run"))


def _fields(place: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for key in keys_at(VARIANT if place == PRESET else place):
        if place == RUN:
            yield key.name, _run_field(key)
        elif place == STUDY:
            yield key.name, (_value_type(key), _field(key, key.default))
        elif place == OVERRIDE:
            yield key.name, change_field(key.name)
        elif place == PRESET:
            yield key.name, (_listed_type(key, changes=True), optional(_or_settings(key, "preset or parent")))
        else:
            yield key.name, (_listed_type(key), _variant_field(key))


def _run_field(key: RunKey) -> tuple[Any, Any]:
    """A field of the settings of one run. A key that the method does not read is null (`tricks`: an empty list)."""
    if key.read_by == "all":
        return _value_type(key), _field(key, key.default)
    return (_value_type(key), _field(key, [])) if key.type == "components" else (_value_type(key) | None, None)


def _variant_field(key: RunKey) -> Any:
    if STUDY in key.places:
        return optional(f"{key.help}; by default the study's {key.name}")
    return optional(key.help) if key.default is REQUIRED else _field(key, [key.default] if key.several else key.default)


def _field(key: RunKey, default: Any) -> Any:
    extra: dict[str, Any] = {"unit": key.unit} if key.unit else {}
    if default == [unused_value("components")]:
        extra["default"] = []  # in a study file, an empty list means no tricks
    given = {} if default is REQUIRED else {"default": default, "validate_default": True}
    return Field(**given, description=key.help, json_schema_extra=extra or None)


def _or_settings(key: RunKey, owner: str) -> str:
    return f"{key.help}; or a mapping that changes those of the {owner}" if key.type == "component" else key.help


def _listed_type(key: RunKey, *, changes: bool = False) -> Any:
    """Type of a key in an item of `variants`: a list of values, in whose place a single value may stand.

    A key without `several` takes only a single value.
    """
    if not key.several:
        return _value_type(key, changes)
    lists = SettingLists(key.axis) if key.type == "component" else OneOrMany()
    many = Alternatives() if key.type == "components" else lists
    return Annotated[list[_value_type(key, changes)], Field(min_length=1), many]  # type: ignore[misc]


def _value_type(key: RunKey, changes: bool = False) -> Any:
    """Type of one value. With `changes`, a component's value may also be a mapping of only the settings to change."""
    value = MAPPINGS[key.type] if key.type in MAPPINGS else _types(changes)[key.type](key)
    return value | None if key.nullable else value


def _types(changes: bool) -> dict[str, Callable[[RunKey], Any]]:
    return {
        "int": lambda key: Annotated[int, _bounds(key)],
        "float": lambda key: Annotated[float, _bounds(key)],
        "choice": lambda key: Literal[key.choices],
        "budget": lambda key: BudgetValue,
        "component": lambda key: _component(key, PatchOf if changes else ComponentOf),
        "components": lambda key: Annotated[
            list[Annotated[Ref, ComponentOf(key.axis)]], AfterValidator(each_once), AfterValidator(_by_name)
        ],
    }


def _bounds(key: RunKey) -> Any:
    return Field(ge=key.min, le=key.max, gt=key.above, lt=key.below)


def _component(key: RunKey, reference: type[ComponentOf]) -> Any:
    value: Any = Annotated[Ref, reference(key.axis)]
    return Annotated[value, AfterValidator(checked_method)] if key.axis == "methods" else value


def _by_name(refs: list[Ref]) -> list[Ref]:
    """The tricks sorted by name. They are applied in this order."""
    return sorted(refs, key=lambda ref: stem(ref["name"]))
