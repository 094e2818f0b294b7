"""Lists as values of a component's settings: `model: {name: dcgan, width: [16, 32]}` means two models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gan_bench.config.grammar.problems import rebuilt
from gan_bench.config.grammar.reference import declared_component, study_folder
from gan_bench.registry import components

#: Key in a generated schema: the settings of the component may be lists (see gan_bench.config.document.schema).
LISTS = "x-lists"


@dataclass(frozen=True)
class SettingLists:
    """Annotation of one or several components of `axis` whose settings may be lists of values.

    Every combination of the values becomes a component. For a setting whose value is itself a list, write a list of
    lists.
    """

    axis: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        items = value if isinstance(value, list) else [value]
        each = [combinations(self.axis, item, study_folder(info)) for item in items]
        origin = [index for index, some in enumerate(each) for _ in some]
        try:
            return handler([item for some in each for item in some])
        except ValidationError as error:

            def place(details: Any) -> tuple[Any, None]:
                index, *rest = details["loc"] or (None,)
                where = (origin[index],) if isinstance(value, list) and isinstance(index, int) else ()
                return ((*where, *rest) if isinstance(index, int) else details["loc"]), None

            raise rebuilt(error, place) from None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        one = {**many["items"], LISTS: True}
        return {"anyOf": [one, {**many, "items": one}]}


def combinations(axis: str, item: Any, folder: Path | None = None) -> list[Any]:
    """One component for every combination of the values listed in its settings; [item] if no setting has a list."""
    if not isinstance(item, Mapping):
        return [item]
    listed = {key: value for key, value in item.items() if key != "name" and _is_list(axis, item, key, value, folder)}
    return [{**item, **dict(zip(listed, values, strict=True))} for values in product(*listed.values())]


def _is_list(axis: str, item: Mapping[str, Any], key: str, value: Any, folder: Path | None) -> bool:
    """Whether `value` is a list of several values of the setting, not one value that is itself a list."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, list) for one in value) or not _takes_a_list(axis, item.get("name"), key, folder)


def _takes_a_list(axis: str, name: Any, key: str, folder: Path | None) -> bool:
    """Whether one value of the setting is a list of numbers.

    If `name` is not a text, the mapping changes a component that is not known here. Then the result is True if any
    component of the axis has a setting `key` that is a list of numbers.
    """
    try:
        chosen = [declared_component(axis, name, folder)] if isinstance(name, str) else components(axis)
    except PydanticCustomError:
        return True  # the mistake is reported when the component is read
    return any(one.settings[key].type == "ints" for one in chosen if key in one.settings)
