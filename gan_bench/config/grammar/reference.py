"""Completes references to components: a name, alone or with some settings, becomes a name with all settings."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaError, core_schema

from gan_bench import class_pairs
from gan_bench.config.grammar.component_settings import RESERVED, checked_settings
from gan_bench.config.grammar.problems import mistake, show
from gan_bench.errors import UserError
from gan_bench.files import digest_of
from gan_bench.registry import Component, component, is_path

Ref = dict[str, Any]

#: Largest length of a component's name or path.
MAX_NAME = 200

#: Key in a generated schema that marks a placeholder for the schema of an axis (gan_bench.config.document.schema).
PLACEHOLDER = "x-component"


def resolve(axis: str, value: Any, folder: Path | None = None, extra: dict[str, CoreSchema] | None = None) -> Ref:
    """Complete a name or a mapping {name, ...settings} to {"name": ..., all settings of the component}.

    For a user's file the result is {"name": path, "digest": ..., ...}. The digest ignores comments, docstrings and
    layout (gan_bench.meaning). The path is first looked up in the folder of the study (`folder`), then in the current
    folder. A path below the current folder is stored relative to that folder, so different spellings of a path give the
    same reference. `extra` are keys that are valid in addition to the settings. Raises a pydantic error if the name or
    a setting is not valid.
    """
    given = dict(value) if isinstance(value, dict) else {"name": value}
    name = given.pop("name", None)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        wanted = f"the name of a component of {axis!r}, or a mapping with a 'name', is needed"
        shown = "is empty" if value is None else f"{show(value)} is not valid"
        raise mistake(f"{shown}; {wanted}{_boolean_hint(name)}.")
    declared = declared_component(axis, name, folder)
    if declared.builtin:
        return {"name": declared.name, **checked_settings(declared, given, extra)}
    head = {"name": declared.path, "digest": _pinned(declared, given.pop("digest", None))}
    try:
        return {**head, **checked_settings(declared, given, extra)}
    except (SchemaError, TypeError) as error:
        raise mistake(f"{name}: its FACTS declare a setting wrongly: {error}.") from None


def slug(ref: Ref) -> str:
    """Short name of a component for ids and labels: its name, or the stem of a user's file.

    For a model made of classes in a user's file, the stem is followed by the name of the first class.
    """
    name = str(ref["name"])
    file, classes = class_pairs.split(name)
    stem = "-".join([Path(file).stem, *classes.split(",")][: 2 if classes else 1]) if is_path(name) else name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip(".-_")[:40] or "component"


def references(value: Ref | list[Ref] | None) -> list[Ref]:
    """The references in the value of a key of a run's settings, as a list."""
    return value if isinstance(value, list) else [value] if value else []


def each_once(refs: list[Ref]) -> list[Ref]:
    """Return `refs`. Equal names are a mistake, because results are named by the component's name only."""
    names = [slug(ref) for ref in refs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise mistake(f"{', '.join(twice)} is listed twice; list each name only once.")
    return refs


def identity(value: Any) -> Any:
    """`value` with each path of a user's file replaced by its `slug`. Slug and digest together identify a file."""
    if isinstance(value, dict):
        name = {"name": slug(value)} if "digest" in value and "name" in value else {}
        return {**{key: identity(item) for key, item in value.items()}, **name}
    return [identity(item) for item in value] if isinstance(value, list) else value


def short_digest(value: Any) -> str:
    """First 8 hex digits of the SHA-256 of `value`, independent of the folders of users' files."""
    return digest_of(identity(value))[:8]


def _boolean_hint(name: Any) -> str:
    return "; YAML reads unquoted on, off, yes and no as true or false" if isinstance(name, bool) else ""


def declared_component(axis: str, name: str, folder: Path | None) -> Component:
    """The declaration of a component. A path is looked up in `folder`, then in the current folder.

    Raises a pydantic error if there is no such component, or if its file is not valid.
    """
    try:
        declared = component(axis, _located(axis, name, folder) if is_path(name) else name)
        for key in RESERVED:
            if key in declared.settings:
                raise UserError(f"{name}: a component cannot have a setting named {key!r}; rename it.")
    except UserError as error:
        raise mistake(" ".join(error.sentences)) from None
    except (OSError, AttributeError, TypeError) as error:
        raise mistake(f"{axis}: {name!r} cannot be read as a component: {error}.") from None
    return declared


def _located(axis: str, name: str, folder: Path | None) -> str:
    """Path of a user's component file, relative to the current folder or absolute."""
    name, classes = class_pairs.split(name) if axis == "models" else (name, "")
    if not name.endswith(".py"):
        raise UserError(f"{axis}: {name!r} is not a component file; give the path of a file that ends in .py.")
    here = Path.cwd()
    places = [here / name] if folder is None else [folder / name, here / name]
    for place in places:
        if place.is_file():
            file = place.resolve()
            path = (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
            return f"{path}:{classes}" if classes else path
    tried = " nor ".join(dict.fromkeys(str(place.parent) for place in places))
    raise UserError(f"{axis}: no component file {name!r}; it is not in {tried}.")


def _pinned(declared: Component, digest: Any) -> str:
    """Digest of a user's file. Another digest in the reference is a mistake: the file has changed."""
    if digest is not None and digest != declared.digest:
        raise mistake(
            f"{declared.file} has changed: its digest is {declared.digest[:12]}..., not {show(digest)}; "
            "restore that version of the file, or take 'digest' out."
        )
    return declared.digest


@dataclass(frozen=True)
class ComponentOf:
    """Annotation of a field that names a component of `axis`. The value becomes a reference with all settings."""

    axis: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.validate)

    def validate(self, value: Any, info: ValidationInfo) -> Any:
        return resolve(self.axis, value, study_folder(info))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {PLACEHOLDER: self.axis}


@dataclass(frozen=True)
class PatchOf(ComponentOf):
    """Like ComponentOf, but a mapping without a name is also valid: settings that change an existing reference."""

    def validate(self, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, dict) and value and "name" not in value:
            return value
        return super().validate(value, info)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {PLACEHOLDER: self.axis, "x-patch": True}


@dataclass(frozen=True)
class AutoOr(ComponentOf):
    """Like ComponentOf, but "auto" is also valid, and so is a list of different items, each a component or "auto"."""

    def validate(self, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, list):
            return value if value == "auto" else super().validate(value, info)
        items = [self.validate(item, info) for item in value if not isinstance(item, list)]
        if not items or len(items) < len(value) or any(item in items[:i] for i, item in enumerate(items)):
            raise mistake(f"{show(value)} is not a list of different {self.axis}; at least one is needed, each once.")
        return items

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        single = {"anyOf": [{"const": "auto"}, {PLACEHOLDER: self.axis}]}
        return {"anyOf": [*single["anyOf"], {"type": "array", "items": single, "minItems": 1, "uniqueItems": True}]}


def study_folder(info: ValidationInfo) -> Path | None:
    """Folder of the study file that is being read, from pydantic's context; None if it is not known."""
    return info.context["folder"] if info.context else None
