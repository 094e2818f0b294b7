"""Types for the keys of a study: strict mappings, single values or lists, labels, seeds, budgets."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from gan_bench.config.grammar.component_settings import MAX_INT
from gan_bench.config.grammar.problems import is_unknown_key, mistake, naming_valid_keys, rebuilt, show, with_sentences
from gan_bench.config.grammar.reference import study_folder
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.registry import component, names
from gan_bench.run_keys import VARIANT, keys_at

LABEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
MAX_SEEDS = 10_000
#: How messages name the place of the outermost keys.
TOP = "at the top of the study"


class Strict(BaseModel):
    """A mapping without unknown keys. Text is not converted to numbers; NaN and infinity are not valid."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
    #: How messages name the place of this mapping in a study; "" if they do not name it.
    PLACE: ClassVar[str] = ""

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        """Yield (place, sentence) for mistakes that no type of a key finds. The place () is the whole mapping."""
        return iter(())

    @classmethod
    def valid_keys(cls) -> list[str]:
        """Keys that the message about an unknown key lists as valid."""
        return list(cls.model_fields)

    @model_validator(mode="wrap")
    @classmethod
    def _check_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        # Keys are checked separately from values, so that a wrong value does not hide a wrong key.
        wrong = list(cls.wrong_keys(data, study_folder(info))) if isinstance(data, dict) else []
        try:
            result = handler(data)
        except ValidationError as error:
            misspelt = any(is_unknown_key(details) for details in error.errors(include_url=False))
            named = naming_valid_keys(error, "key", cls.valid_keys(), lambda key: place_of(key, cls.PLACE))
            # If a key is unknown, mistakes that concern the whole mapping are not reported: the unknown key may be
            # their cause.
            extra = [(loc, sentence) for loc, sentence in wrong if loc or not misspelt]
            raise (with_sentences(named, extra, data) if extra else named) from None
        if wrong:
            raise with_sentences(None, wrong, data)
        return result


class NotEmpty(Strict):
    """A mapping with one key or more."""

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        if not data:
            yield (), f"is empty; one or more of {', '.join(cls.model_fields)} is needed."


def place_of(key: str, here: str) -> str:
    """Where a key belongs that is not valid `here`, as in "`metrics` belongs under `evaluation`"; "" if unknown."""
    places = {model.PLACE: model for model in _models(Strict) if model.PLACE not in ("", here)}
    fitting = [place for place, model in places.items() if key in model.model_fields]
    components = [
        f"`{run_key.name}: {{name: {name}, {key}: ...}}`"
        for run_key in keys_at(VARIANT)
        for name in (names(run_key.axis) if run_key.axis and run_key.type == "component" else ())
        if key in component(run_key.axis, name).settings
    ]
    if fitting:
        return f"`{key}` belongs {min(fitting, key=lambda place: (place != TOP, 'item of' not in place))}"
    return f"`{key}` is a setting of a component: {components[0]}" if components else ""


def _models(model: type[Strict]) -> Iterator[type[Strict]]:
    for below in model.__subclasses__():
        yield below
        yield from _models(below)


def optional(description: str) -> Any:
    """Field of a key that may be left out; its value is then None. The JSON schema states no default."""
    return Field(default=None, description=description, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Wrapping:
    """Base class of annotations. `_validate` gets a value, and the annotated type's validator as `handler`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        raise NotImplementedError


class OneOrMany(Wrapping):
    """Annotation of a list field in which a single value is also valid; it becomes a list of one value."""

    def _validate(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, list):
            return handler(value)
        try:
            return handler([value])
        except ValidationError as error:
            raise rebuilt(error, without_index) from None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def without_index(details: ErrorDetails) -> tuple[Loc, str | None]:
    """The place of a mistake, shortened by its first part, and None. With None, `rebuilt` keeps the sentence.

    The first part is a list index. It is not in the file: there, a single value stands in place of the list.
    """
    return details["loc"][1:], None


class Alternatives(Wrapping):
    """Annotation of `tricks` in a variant: a list of tricks, or a list of lists of tricks.

    Each inner list makes a variant. A single trick becomes a list of one trick.
    """

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


def _label(text: str) -> str:
    if not re.fullmatch(LABEL_PATTERN.strip("^$"), text):
        raise mistake(
            f"{show(text)} is not valid; it needs a letter or digit first, then letters, digits, '.', '_' and '-'."
        )
    return text


def _display(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise mistake(f"{show(text)} is not valid; one line of plain text without blanks at its ends is needed.")
    return text


#: Label of a data set, such as `digits-8px`. It is also the name of a folder in the results.
Label = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_label)]
#: Text shown in tables and figures.
Display = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_display)]

Names = Annotated[list[str], Field(min_length=1), OneOrMany()]
Count = Annotated[int, Field(ge=1, le=10**12)]
Epochs = Annotated[float, Field(gt=0, le=1e6)]
Seed = Annotated[int, Field(ge=0, le=MAX_INT)]


class Seeds(Wrapping):
    """Annotation of a list of seeds. A number n is also valid and means 0, 1, ..., n - 1."""

    def _validate(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, list):
            seeds = handler(value)
            twice = sorted({seed for seed in seeds if seeds.count(seed) > 1}) if len(set(seeds)) < len(seeds) else []
            if twice:
                raise mistake(f"seed {', '.join(map(str, twice))} is given twice; give each seed only once.")
            return seeds
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_SEEDS:
            wanted = f"a number of seeds from 1 to {MAX_SEEDS}, or a list of distinct whole numbers from 0"
            raise mistake(f"{show(value)} is not valid; {wanted}, is needed.")
        return list(range(value))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        number = {"type": "integer", "minimum": 1, "maximum": MAX_SEEDS}
        return {"anyOf": [number, {**handler(schema), "uniqueItems": True}]}


class Budget(Strict):
    """How long a run trains. Exactly one of these keys is given."""

    PLACE = "under `budget`"
    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    g_steps: Count = optional("generator steps")
    d_steps: Count = optional("discriminator steps")
    images: Count = optional("real images shown to the discriminator")
    epochs: Epochs = optional("passes of the discriminator over the training images")
    minutes: Epochs = optional(
        "minutes of training, converted to generator steps by the speeds that `gan-bench check` stores in "
        "STUDY.speeds.json"
    )

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        given = " and ".join(key for key in cls.model_fields if key in data) or "nothing"
        if len(data) != 1:
            yield (), f"has {given}; exactly one of {', '.join(cls.model_fields)} is needed."

    def limit(self) -> dict[str, int | float]:
        """The given key with its value, such as {"images": 20000}."""
        return {key: getattr(self, key) for key in self.model_fields_set}


#: A budget in the form that is stored in the settings of a run.
BudgetValue = Annotated[Budget, AfterValidator(Budget.limit)]
