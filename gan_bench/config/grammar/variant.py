"""One item of a study's `variants`, put together from components."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from gan_bench.config.grammar.fields import (
    BatchSize,
    Budget,
    Decay,
    Display,
    OneOrMany,
    Precision,
    Steps,
    Strict,
    optional,
)
from gan_bench.config.grammar.problems import rebuilt
from gan_bench.config.grammar.reference import ComponentOf, Ref, each_once, resolve, slug
from gan_bench.config.grammar.uses import KEYS, OPTIMIZERS, needless, targets, telling, uses
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.registry import stem

Trick = Annotated[Ref, ComponentOf("tricks")]


def _in_order(refs: list[Ref]) -> list[Ref]:
    return sorted(refs, key=lambda ref: stem(ref["name"]))


#: Tricks of one run: each once, in the order of their names, which is the order in which they act.
Tricks = Annotated[list[Trick], AfterValidator(each_once), AfterValidator(_in_order)]
Method = Annotated[Ref, ComponentOf("methods"), AfterValidator(telling)]

Names = Annotated[list[str], Field(min_length=1), OneOrMany()]


@dataclass(frozen=True)
class Alternatives:
    """Annotation of `tricks` in a variant: a list of tricks, or a list of such lists, each a variant of its own.

    One trick alone is a list of one.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, list) and any(isinstance(item, list) for item in value):
            return handler(value)
        try:
            return handler([value] if isinstance(value, list) else [[value]])
        except ValidationError as error:
            alone = not isinstance(value, list)
            raise rebuilt(error, lambda details: (details["loc"][2 if alone else 1 :], None)) from None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"]["items"], many["items"], many]}


def without_index(details: ErrorDetails) -> tuple[Loc, str | None]:
    return details["loc"][1:], None


#: Keys of an item that decide settings of a run, in the order in which lists multiply: the last turns fastest.
ORDER = (
    "method", "model", "loss", "penalty", "tricks", "optimizer", "g_optimizer", "d_optimizer", "d_steps", "batch_size",
    "ema", "precision",
)  # fmt: skip


StepsList = Annotated[list[Steps], Field(min_length=1), OneOrMany()]
BatchSizes = Annotated[list[BatchSize], Field(min_length=1), OneOrMany()]
Precisions = Annotated[list[Precision], Field(min_length=1), OneOrMany()]
Decays = Annotated[list[Decay | None], Field(min_length=1), OneOrMany()]
TrickLists = Annotated[list[Tricks], Field(min_length=1), Alternatives()]

Methods = Annotated[list[Method], Field(min_length=1), OneOrMany()]
Models = Annotated[list[Annotated[Ref, ComponentOf("models")]], Field(min_length=1), OneOrMany()]
Losses = Annotated[list[Annotated[Ref, ComponentOf("losses")]], Field(min_length=1), OneOrMany()]
Penalties = Annotated[list[Annotated[Ref, ComponentOf("penalties")]], Field(min_length=1), OneOrMany()]
Optimizers = Annotated[list[Annotated[Ref, ComponentOf("optimizers")]], Field(min_length=1), OneOrMany()]

ABOUT_NAME = "label in tables and figures; made from the settings when left out"
ABOUT_TRICKS = "tricks, or a list of lists of them"
ABOUT_EMA = "decay of the running average of the generator's weights, which is then what is scored; null = none"
ABOUT_PRECISION = "of the networks' passes in training: float32, or bf16 (docs/precision.md)"
ABOUT_BUDGET = "the study's budget when left out"
ABOUT_DATASETS = "labels of the data sets it runs on; all when left out"


#: Keys of a variant's settings, in their order, before anything is set.
EMPTY: Mapping[str, Any] = {
    "method": None,
    "model": None,
    "loss": None,
    "penalty": None,
    "tricks": [],
    "g_optimizer": None,
    "d_optimizer": None,
    "d_steps": 1,
    "batch_size": None,
    "ema": None,
    "precision": "float32",
    "budget": None,
}


def completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a variant of `values` by key, where `optimizer` stands for both networks' and what is not set is
    empty. Keys that the method does not read are kept.
    """
    both = dict.fromkeys(OPTIMIZERS, values["optimizer"]) if "optimizer" in values else {}
    return {**EMPTY, **both, **{key: value for key, value in values.items() if key != "optimizer"}}


class Item(Strict):
    """What every item of `variants` can do."""

    def listed(self) -> dict[str, list[Any]]:
        """Key -> its values, for what the item gives of a run's settings; `optimizer` stands for both."""
        return {key: getattr(self, key) for key in ORDER if key in self.model_fields_set | self.always()}

    @classmethod
    def always(cls) -> set[str]:
        """Keys that count as given."""
        return set()


class Variant(Item):
    """An item without a preset. Where a key holds a list, every combination becomes a variant of its own.

    A key that the method does not use has no place in it.
    """

    name: Display = optional(ABOUT_NAME)
    method: Methods = Field(
        default=["adversarial"],  # type: ignore[list-item]
        validate_default=True,
        description="how the generator is made; it decides which of the other keys are used",
    )
    model: Models = optional("generator and discriminator")
    loss: Losses = optional("losses of both networks")
    penalty: Penalties = Field(
        default=["none"],  # type: ignore[list-item]
        validate_default=True,
        description="what constrains the discriminator",
    )
    tricks: TrickLists = Field(default=[[]], description=ABOUT_TRICKS, json_schema_extra={"default": []})
    optimizer: Optimizers = optional("optimizer of both networks")
    g_optimizer: Optimizers = optional("optimizer of the generator; with d_optimizer, in place of optimizer")
    d_optimizer: Optimizers = optional("optimizer of the discriminator; with g_optimizer, in place of optimizer")
    d_steps: StepsList = Field(default=[1], description="discriminator steps for each generator step")
    batch_size: BatchSizes = optional("real images in a minibatch; the study's batch_size when left out")
    ema: Decays = Field(default=[None], description=ABOUT_EMA)
    precision: Precisions = Field(default=["float32"], description=ABOUT_PRECISION)
    budget: Budget = optional(ABOUT_BUDGET)
    datasets: Names = optional(ABOUT_DATASETS)

    @classmethod
    def always(cls) -> set[str]:
        return {"method", "penalty"}

    @classmethod
    def valid_keys(cls) -> list[str]:
        return ["preset", *cls.model_fields]

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        value = data.get("method", "adversarial")
        told = set()
        for method in value if isinstance(value, list) else [value]:
            try:
                ref = telling(resolve("methods", method, folder))
            except (ValidationError, PydanticCustomError):
                continue  # told where the method stands
            for loc, sentence in _wrong_for(slug(ref), uses(ref), set(data)):
                if loc not in told:
                    told.add(loc)
                    yield loc, sentence


def _wrong_for(method: str, used: frozenset[str], given: set[str]) -> Iterator[tuple[Loc, str]]:
    for key in sorted(given & {*KEYS, "optimizer"}):
        if not targets(key, used):
            yield (key,), needless(method, key)
    for key in ("model", "loss"):
        if key in used and key not in given:
            yield (key,), "is missing."
    own = [name for name in OPTIMIZERS if name in used]
    found = [key for key in ("optimizer", *OPTIMIZERS) if key in given and targets(key, used)]
    if own and found not in (["optimizer"], own):
        given_text = f"has {' and '.join(found) or 'no optimizer'}"
        if len(own) > 1:
            yield (), f"{given_text}; either optimizer (for both networks) or g_optimizer and d_optimizer are needed."
        else:
            yield (), f"{given_text}; either optimizer or {own[0]} is needed."
