"""Presets: variants as papers define them, by name, and the item of a study's `variants` that changes one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from gan_bench.config.grammar.fields import Budget, Display, OneOrMany, optional
from gan_bench.config.grammar.problems import Problems, mistake, rebuilt, show
from gan_bench.config.grammar.reference import PLACEHOLDER, PatchOf, Ref, resolve, slug, study_folder
from gan_bench.config.grammar.uses import telling
from gan_bench.config.grammar.variant import (
    ABOUT_BUDGET,
    ABOUT_DATASETS,
    ABOUT_EMA,
    ABOUT_NAME,
    ABOUT_PRECISION,
    ABOUT_TRICKS,
    BatchSizes,
    Decays,
    Item,
    Names,
    Precisions,
    StepsList,
    TrickLists,
    Variant,
    without_index,
)
from gan_bench.errors import UserError
from gan_bench.registry import component

MethodPatch = Annotated[Ref, PatchOf("methods"), AfterValidator(telling)]
MethodPatches = Annotated[list[MethodPatch], Field(min_length=1), OneOrMany()]
ModelPatches = Annotated[list[Annotated[Ref, PatchOf("models")]], Field(min_length=1), OneOrMany()]
LossPatches = Annotated[list[Annotated[Ref, PatchOf("losses")]], Field(min_length=1), OneOrMany()]
PenaltyPatches = Annotated[list[Annotated[Ref, PatchOf("penalties")]], Field(min_length=1), OneOrMany()]
OptimizerPatches = Annotated[list[Annotated[Ref, PatchOf("optimizers")]], Field(min_length=1), OneOrMany()]


@dataclass(frozen=True)
class Preset:
    """A named variant of the registry: what it sets, as resolved values by key of a variant."""

    name: str
    sets: dict[str, Any]


class PresetOf:
    """Annotation of a field that names a preset: a file of gan_bench/variants, or a user's own by its path."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, value: Any, info: ValidationInfo) -> Preset:
        if not isinstance(value, str):
            raise mistake(f"{show(value)} is not valid; the name of a preset is needed (see gan-bench list variants).")
        return preset(value, study_folder(info))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {PLACEHOLDER: "variants"}


def preset(name: str, folder: Path | None = None) -> Preset:
    """The preset of that name or in that file. Raises pydantic errors, also where what it sets cannot be run."""
    found = component("variants", resolve("variants", name, folder)["name"])
    given = found.facts.get("set")
    allowed = set(Variant.model_fields) - {"name", "budget", "datasets"}
    if not isinstance(given, dict) or not set(given) <= allowed:
        raise mistake(
            f"preset {name!r}: its FACTS must have 'set', a dictionary with keys among {', '.join(sorted(allowed))}."
        )
    problems = Problems(f"preset {name!r}")
    try:
        sets = Variant.model_validate(given, context={"folder": found.file.parent}).listed()
    except ValidationError as error:
        problems.add_validation(error)
        sets = {}
    for key in [key for key, values in sets.items() if len(values) != 1]:
        problems.add((key,), "lists several values; a preset is one variant.")
    try:
        problems.raise_if_any()
    except UserError as error:
        raise mistake(" ".join(error.sentences)) from None
    return Preset(slug({"name": name}), {key: value for key, (value,) in sets.items()})


class PresetVariant(Item):
    """An item with a preset: what is given besides changes it.

    A component's mapping without `name` changes settings of the preset's component; with `name`, it replaces the
    component, and tricks replace all tricks. Where a key holds a list, every combination becomes a variant of its own.
    """

    preset: Annotated[list[Annotated[Preset, PresetOf()]], Field(min_length=1), OneOrMany()] = Field(
        description="named variant as a paper defines it"
    )
    name: Display = optional(ABOUT_NAME)
    method: MethodPatches = optional("method, or settings of the preset's")
    model: ModelPatches = optional("model, or settings of the preset's")
    loss: LossPatches = optional("loss, or settings of the preset's")
    penalty: PenaltyPatches = optional("penalty, or settings of the preset's")
    tricks: TrickLists = optional(ABOUT_TRICKS)
    optimizer: OptimizerPatches = optional("both optimizers, or settings of them")
    g_optimizer: OptimizerPatches = optional("the generator's optimizer, or settings of it")
    d_optimizer: OptimizerPatches = optional("the discriminator's optimizer, or settings of it")
    d_steps: StepsList = optional("discriminator steps for each generator step")
    batch_size: BatchSizes = optional("real images in a minibatch; the preset's, or else the study's, when left out")
    ema: Decays = optional(ABOUT_EMA)
    precision: Precisions = optional(ABOUT_PRECISION)
    budget: Budget = optional(ABOUT_BUDGET)
    datasets: Names = optional(ABOUT_DATASETS)


class VariantEntry:
    """Annotation of one item of `variants`: the name of a preset, or a mapping with or without one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # A union alone would say of every wrong item why it is neither.
        return core_schema.with_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, _union: Any, info: ValidationInfo) -> Variant | PresetVariant:
        if not isinstance(value, str):
            kind = PresetVariant if isinstance(value, dict) and "preset" in value else Variant
            return kind.model_validate(value, context=info.context)
        try:
            return PresetVariant.model_validate({"preset": value}, context=info.context)
        except ValidationError as error:
            raise rebuilt(error, without_index) from None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{PLACEHOLDER: "variants"}, *handler(schema)["anyOf"]]}
