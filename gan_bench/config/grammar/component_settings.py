"""Checks the settings of a component against the declarations in its file (`FACTS`), and fills in defaults."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from gan_bench.changes import setting_hint
from gan_bench.config.grammar.problems import mistake, naming_valid_keys, show
from gan_bench.registry import Component, Setting

#: Largest valid integer. Up to this size, JSON parsers that read numbers in double precision read integers exactly.
MAX_INT = 2**53 - 1

#: Keys that are not settings, in a mapping such as {name: dcgan, width: 32}. No component may declare a setting with
#: such a name.
RESERVED = ("name", "label", "digest")


def checked_settings(
    component: Component, given: Mapping[str, Any], extra: Mapping[str, CoreSchema] | None = None
) -> dict[str, Any]:
    """All settings of `component`: the `given` settings, checked, and the defaults of the other settings.

    `extra` are keys that are valid in addition to the settings. Raises pydantic's ValidationError with one line for
    each mistake; places are relative to `given`. A default that is used but violates the declared rules is a mistake.
    """
    fields = {name: _field(setting) for name, setting in component.settings.items()}
    for name, schema in (extra or {}).items():
        fields[name] = core_schema.typed_dict_field(schema, required=False)
    validator = SchemaValidator(core_schema.typed_dict_schema(fields, extra_behavior="forbid"))
    try:
        result: dict[str, Any] = validator.validate_python(dict(given))
    except ValidationError as error:
        former = partial(setting_hint, component.axis, component.name)
        raise naming_valid_keys(error, f"setting of {component.name}:", list(fields), former) from None
    return result


def _field(setting: Setting) -> core_schema.TypedDictField:
    schema = setting_schema(setting)
    if setting.required:
        return core_schema.typed_dict_field(schema, required=True)
    default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return core_schema.typed_dict_field(
        core_schema.with_default_schema(schema, default=default, validate_default=True),
        required=False,
    )


def setting_schema(setting: Setting) -> CoreSchema:
    """The valid values of a setting as a pydantic core schema. Texts and booleans are not converted to numbers."""
    if setting.type == "ints":
        schema: CoreSchema = core_schema.list_schema(_item("int", setting), strict=True, min_length=1, max_length=100)
    else:
        schema = _item(setting.type, setting)
    return core_schema.nullable_schema(schema) if setting.nullable else schema


def _item(kind: str, setting: Setting) -> CoreSchema:
    bounds = {"ge": setting.min, "le": setting.max, "gt": setting.above, "lt": setting.below}
    given: dict[str, Any] = {key: value for key, value in bounds.items() if value is not None}
    if kind == "int":
        low, high = given.pop("ge", -MAX_INT), given.pop("le", MAX_INT)
        schema: CoreSchema = core_schema.int_schema(strict=True, ge=max(low, -MAX_INT), le=min(high, MAX_INT), **given)
    elif kind == "float":
        number = core_schema.float_schema(strict=True, allow_inf_nan=False, **given)
        # -0.0 equals 0.0 but is printed differently, so it would give the same run another id.
        schema = core_schema.no_info_after_validator_function(lambda value: value + 0.0, number)
    elif kind == "bool":
        schema = core_schema.bool_schema(strict=True)
    else:
        text = core_schema.str_schema(strict=True, min_length=1, max_length=1000)
        schema = core_schema.no_info_after_validator_function(_printable, text)
    if not setting.choices:
        return schema
    choices = setting.choices

    def chosen(value: Any) -> Any:
        if value not in choices:
            raise mistake(f"{show(value)} is not valid; one of {', '.join(map(str, choices))} is needed.")
        return value

    return core_schema.no_info_after_validator_function(chosen, schema)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise mistake(f"{show(text)} contains a line break, tab or control character; plain text is needed.")
    return text
