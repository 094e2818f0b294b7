"""The JSON schema of a study file, made from its types and the components of the registry.

Editors with YAML support use it to complete and check keys. `gan-bench check` makes further checks that a schema cannot
express.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from gan_bench import registry
from gan_bench.config.grammar.component_settings import MAX_INT
from gan_bench.config.grammar.fields import LABEL_PATTERN, Label
from gan_bench.config.grammar.reference import PLACEHOLDER
from gan_bench.config.grammar.setting_lists import LISTS
from gan_bench.config.grammar.study import PRINT, StudyFile
from gan_bench.registry import Component, Setting

#: Pattern of the path of a user's component.
FILE_PATTERN = r"\.py$"
_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string", "path": "string"}


class _Generator(GenerateJsonSchema):
    """Generator of schemas without the titles that pydantic makes from field names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def study_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a study file, with all components of the registry."""
    schema = StudyFile.model_json_schema(schema_generator=_Generator)
    axes = sorted(_used_axes(schema))
    schema = _with_references(schema)
    schema["$defs"] |= {f"{axis} component": axis_schema(axis) for axis in axes}
    schema["$defs"] |= {f"{axis} component or lists": axis_schema(axis, lists=True) for axis in axes}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "gan-bench study"}


def study_definitions() -> dict[str, dict[str, Any]]:
    """Schemas of all mappings in a study, by class name. Components are placeholders (see `_with_references`)."""
    schema = StudyFile.model_json_schema(schema_generator=_Generator)
    return {"StudyFile": schema, **schema["$defs"]}


def axis_schema(axis: str, *, lists: bool = False) -> dict[str, Any]:
    """Schema of a component of `axis` (a kind of component, such as "losses").

    A component is given as a name, as a mapping with a name and settings, or as the path of a user's file.

    `lists`: whether the value of a setting may also be a list of values.
    """
    components = registry.components(axis)
    free = [c.name for c in components if not any(setting.required for setting in c.settings.values())]
    extra = {"label": TypeAdapter(Label).json_schema() | {"pattern": LABEL_PATTERN}} if axis == "data" else {}
    if axis == "figures":
        extra = {key: TypeAdapter(PRINT[key]).json_schema() for key in ("format", "width", "font")}
    file = {"type": "string", "pattern": FILE_PATTERN}
    if axis == "variants":  # a preset has no settings: its changes are keys of the item in `variants`
        return {"anyOf": [{"enum": free}, file]}
    user_file = {"type": "object", "properties": {"name": file}, "required": ["name"]}
    return {"anyOf": [{"enum": free}, file, *(_component_schema(c, extra, lists) for c in components), user_file]}


def _component_schema(component: Component, extra: Mapping[str, Any], lists: bool) -> dict[str, Any]:
    settings = {name: setting_schema(setting) for name, setting in component.settings.items()}
    if lists:
        several = {name: {"type": "array", "items": one, "minItems": 1} for name, one in settings.items()}
        settings = {name: {"anyOf": [one, several[name]]} for name, one in settings.items()}
    return {
        "type": "object",
        "description": component.summary,
        "properties": {"name": {"const": component.name}, **extra, **settings},
        "required": ["name", *(name for name, setting in component.settings.items() if setting.required)],
        "additionalProperties": False,
    }


def setting_schema(setting: Setting) -> dict[str, Any]:
    """Schema of one setting of a component, from the declaration in its file."""
    if setting.type == "ints":
        schema: dict[str, Any] = {"type": "array", "items": _value_schema("int", setting), "minItems": 1}
    else:
        schema = _value_schema(setting.type, setting)
    if setting.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    schema["description"] = setting.help
    if setting.unit:
        schema["unit"] = setting.unit
    return schema if setting.required else {**schema, "default": setting.default}


def _value_schema(kind: str, setting: Setting) -> dict[str, Any]:
    if setting.choices:
        return {"enum": list(setting.choices)}
    keys = {"minimum": setting.min, "maximum": setting.max}
    keys |= {"exclusiveMinimum": setting.above, "exclusiveMaximum": setting.below}
    limits = {key: value for key, value in keys.items() if value is not None}
    if kind == "int":
        limits = {"minimum": -MAX_INT, "maximum": MAX_INT} | limits
    if kind in ("str", "path"):
        limits["minLength"] = 1
    return {"type": _TYPES[kind], **limits}


def _used_axes(value: Any) -> set[str]:
    if isinstance(value, dict):
        axes = {value[PLACEHOLDER]} if PLACEHOLDER in value else set()
        return axes.union(*(_used_axes(item) for item in value.values()))
    return set().union(*(_used_axes(item) for item in value)) if isinstance(value, list) else set()


def _with_references(value: Any) -> Any:
    """`value` with the placeholders of component fields replaced by references to the axes' definitions."""
    if isinstance(value, list):
        return [_with_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    rest = {key: _with_references(item) for key, item in value.items() if key not in (PLACEHOLDER, "x-patch", LISTS)}
    if PLACEHOLDER not in value:
        return rest
    lists = " or lists" if LISTS in value else ""
    reference = {"$ref": f"#/$defs/{value[PLACEHOLDER]} component{lists}"}
    if "x-patch" not in value:
        return reference | rest
    patch = {"type": "object", "minProperties": 1, "not": {"required": ["name"]}}
    return {"anyOf": [reference, patch]} | rest


def schema_text() -> str:
    """Content of config/schema.json."""
    return json.dumps(study_schema(), indent=1, allow_nan=False, ensure_ascii=False) + "\n"
