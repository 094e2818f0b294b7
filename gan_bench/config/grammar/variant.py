"""The items of a study's `variants`: combinations of components, or changes of a preset or of another run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gan_bench.config.grammar.continuation import Continuation
from gan_bench.config.grammar.fields import Display, Names, OneOrMany, Strict, optional, without_index
from gan_bench.config.grammar.key_fields import PRESET, with_run_keys
from gan_bench.config.grammar.method_keys import (
    checked_method,
    keys_read_by,
    keys_set_by,
    unused_key_sentence,
    unused_value,
)
from gan_bench.config.grammar.problems import Problems, mistake, rebuilt, show
from gan_bench.config.grammar.reference import PLACEHOLDER, ComponentOf, resolve, slug, study_folder
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.errors import UserError
from gan_bench.registry import component
from gan_bench.run_keys import BY_NAME, OPTIMIZERS, REQUIRED, RUN, RUN_KEYS, STUDY, VARIANT, keys_at


class VariantItem(Strict):
    """Keys of every item of `variants`."""

    PLACE = "in an item of `variants`"
    name: Display = optional("label in tables and figures; by default made from the settings")
    datasets: Names = optional("labels of the data sets that it runs on; by default all")

    def values_by_key(self) -> dict[str, list[Any]]:
        """Key of a run's settings -> list of the key's values, for keys that the item sets or that have a default.

        The key `optimizer` stands for `g_optimizer` and `d_optimizer`.
        """
        values = ((key, getattr(self, key.name)) for key in keys_at(VARIANT))
        return {key.name: value if key.several else [value] for key, value in values if value is not None}


@with_run_keys(VARIANT)
class Variant(VariantItem):
    """An item with neither `preset` nor `continue_from`.

    If keys have lists of values, each combination of values becomes a variant. A key that the method does not read is a
    mistake. If the method has two optimizers, either `optimizer` or both `g_optimizer` and `d_optimizer` are needed.
    """

    @classmethod
    def valid_keys(cls) -> list[str]:
        return ["preset", "continue_from", *cls.model_fields]

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        methods = data.get("method", BY_NAME["method"].default)
        places = set()
        for method in methods if isinstance(methods, list) else [methods]:
            try:
                ref = checked_method(resolve("methods", method, folder))
            except (ValidationError, PydanticCustomError):
                continue  # reported as a mistake of the key `method`
            for loc, sentence in _wrong_for(slug(ref), keys_read_by(ref), set(data)):
                if loc not in places:
                    places.add(loc)
                    yield loc, sentence


def _wrong_for(method: str, read: frozenset[str], given: set[str]) -> Iterator[tuple[Loc, str]]:
    for key in keys_at(VARIANT):
        if key.name in given and not keys_set_by(key.name, read):
            yield (key.name,), unused_key_sentence(method, key.name)
        elif _needed(key.name) and key.name in read and key.name not in given:
            yield (key.name,), "is missing."
    optimizers = [name for name in OPTIMIZERS if name in read]
    named = [name for name in ("optimizer", *OPTIMIZERS) if name in given and keys_set_by(name, read)]
    if optimizers and named not in (["optimizer"], optimizers):
        sentence = f"has {' and '.join(named) or 'no optimizer'}"
        if len(optimizers) > 1:
            yield (), f"{sentence}; either optimizer (for both networks) or g_optimizer and d_optimizer are needed."
        else:
            yield (), f"{sentence}; either optimizer or {optimizers[0]} is needed."


def _needed(name: str) -> bool:
    """Whether an item must set the key. Optimizers can be set in two ways and are checked in `_wrong_for`."""
    key = BY_NAME[name]
    return key.default is REQUIRED and STUDY not in key.places and name not in ("optimizer", *OPTIMIZERS)


def variant_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a variant from `values`: key -> value. `optimizer` sets each of the two optimizers that has no value.

    A key that `values` lacks gets its default. Components, and keys without a default, get null instead (`tricks`: an
    empty list). Keys that the method does not read are kept, because an override may change the method.
    """
    optimizer = dict.fromkeys(OPTIMIZERS, values["optimizer"]) if "optimizer" in values else {}
    values = {**optimizer, **values}
    keys = [key for key in RUN_KEYS if RUN in key.places and {VARIANT, STUDY} & set(key.places)]
    return {key.name: values.get(key.name, _start(key.name)) for key in keys}


def _start(name: str) -> Any:
    key = BY_NAME[name]
    return unused_value(key.type) if key.axis or key.default is REQUIRED else key.default


@dataclass(frozen=True)
class Preset:
    """A preset: its name, and the resolved values that it sets, by key."""

    name: str
    sets: dict[str, Any]


class PresetOf(ComponentOf):
    """Annotation of a field that names a preset: a file of gan_bench/variants, or the path of a user's file."""

    def validate(self, value: Any, info: ValidationInfo) -> Preset:
        if not isinstance(value, str):
            raise mistake(f"{show(value)} is not valid; the name of a preset is needed (see gan-bench list variants).")
        return preset(value, study_folder(info))


def preset(name: str, folder: Path | None = None) -> Preset:
    """The preset with this name or path. Raises pydantic errors, also for mistakes in its settings."""
    file = component("variants", resolve("variants", name, folder)["name"])
    given = file.facts.get("set")
    allowed = {key.name for key in keys_at(VARIANT) if key.several}
    if not isinstance(given, dict) or not set(given) <= allowed:
        raise mistake(
            f"preset {name!r}: its FACTS must have 'set', a dictionary; valid keys: {', '.join(sorted(allowed))}."
        )
    problems = Problems(f"preset {name!r}")
    try:
        values = Variant.model_validate(given, context={"folder": file.file.parent}).values_by_key()
    except ValidationError as error:
        problems.add_validation(error)
        values = {}
    for key in [key for key, listed in values.items() if len(listed) != 1]:
        problems.add((key,), "lists several values; a preset is one variant.")
    try:
        problems.raise_if_any()
    except UserError as error:
        raise mistake(" ".join(error.sentences)) from None
    return Preset(slug({"name": name}), {key: value for key, (value,) in values.items()})


@with_run_keys(PRESET)
class PresetVariant(VariantItem):
    """An item with a preset. The other keys of the item change the preset.

    If the value of a component is a mapping without `name`, it changes settings of the component that the preset names.
    A mapping with `name` replaces the component. `tricks` replaces all tricks of the preset. If keys have lists of
    values, each combination becomes a variant.
    """

    preset: Annotated[list[Annotated[Preset, PresetOf("variants")]], Field(min_length=1), OneOrMany()] = Field(
        description="name of a preset, such as the GAN of a paper"
    )


@with_run_keys(PRESET)
class ContinuedVariant(VariantItem):
    """An item whose runs continue other runs (their parents) from a step.

    The other keys of the item change the parent's settings. If the value of a component is a mapping without `name`, it
    changes settings of the parent's component. A mapping with `name` replaces the component. `tricks` replaces all
    tricks of the parent. If keys have lists of values, each combination becomes a variant. The parent's `early_stop`
    and `rewind_on_collapse` do not apply to the run that continues it.
    """

    continue_from: Continuation = Field(description="the variant or run to continue, and the step")


class VariantEntry:
    """Annotation of one item of `variants`: the name of a preset, or a mapping.

    A mapping with `continue_from` becomes a ContinuedVariant. A mapping with `preset` becomes a PresetVariant, and any
    other mapping a Variant.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # A plain union of the three types would report a wrong item once for each type.
        return core_schema.with_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, _union: Any, info: ValidationInfo) -> VariantItem:
        if not isinstance(value, str):
            keys = value if isinstance(value, dict) else {}
            plain = PresetVariant if "preset" in keys else Variant
            kind: type[VariantItem] = ContinuedVariant if "continue_from" in keys else plain
            return kind.model_validate(value, context=info.context)
        try:
            return PresetVariant.model_validate({"preset": value}, context=info.context)
        except ValidationError as error:
            raise rebuilt(error, without_index) from None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{PLACEHOLDER: "variants"}, *handler(schema)["anyOf"]]}
