"""Types of `early_stop`, `rewind_on_collapse` and `continue_from`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from gan_bench.config.grammar.component_settings import MAX_INT
from gan_bench.config.grammar.fields import Names, NotEmpty, OneOrMany, Strict, optional
from gan_bench.config.grammar.key_fields import MAPPINGS, change_field, with_fields
from gan_bench.config.grammar.problems import mistake, show
from gan_bench.config.grammar.reference import ComponentOf, Ref
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.run_keys import CHANGEABLE

Optimizers = Literal["keep", "reset"]


def written(mapping: Any) -> Any:
    """A Strict mapping as a dictionary without the keys whose value is None. Other values are returned unchanged."""
    if not isinstance(mapping, Strict):
        return mapping
    values = {key: getattr(mapping, key) for key in type(mapping).model_fields}
    return {key: value for key, value in values.items() if value is not None}


class Either:
    """Annotation of a union of fixed words and another type.

    An invalid value gives a single message. A plain union would give one for the words and one for the other type.
    """

    def __init__(self, words: str) -> None:
        self.words = words

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        literal, self.other = get_args(source)
        self.names = get_args(literal)
        return core_schema.with_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: Any, handler: Any, info: ValidationInfo) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool)
        # EarlyStop alone checks a mapping. `handler` would also report that the mapping is not one of the fixed words.
        if isinstance(value, dict) and self.other is EarlyStop:
            return EarlyStop.model_validate(value, context=info.context)
        if (whole and self.other is not EarlyStop) or value in self.names:
            return handler(value)
        raise mistake(f"{show(value)} is not valid; {self.words} is needed.")


class EarlyStop(Strict):
    """The rule by which a run ends because its score no longer improves."""

    metric: Annotated[Ref, ComponentOf("metrics")] = Field(description="metric family whose first score is watched")
    every: Annotated[int, Field(ge=1, le=10**9)] = Field(
        description="generator steps between two scores, at log points"
    )
    patience: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=3, description="scores in a row without improvement after which the run ends"
    )
    extractor: Annotated[Ref, ComponentOf("features")] | None = optional("feature space; by default the study's")
    split: Literal["train", "test"] | None = optional("split of the images set aside; by default the study's")
    validation: Annotated[float, Field(gt=0, le=0.5)] | None = optional(
        "share of the split to set aside; by default the study's evaluation.validation"
    )


@with_fields({name: change_field(name) for name in CHANGEABLE})
class Then(NotEmpty):
    """The settings that change when a collapsed run goes back to an earlier step.

    The keys are written as under `set` of an override.
    """

    def given(self) -> dict[str, Any]:
        """The keys that the file sets, with their values."""
        return {key: getattr(self, key) for key in type(self).model_fields if key in self.model_fields_set}


Step = Annotated[int, Field(ge=-MAX_INT, le=MAX_INT)]
STEP = "a number of a step, a negative number of steps before the end"


class Rewind(Strict):
    """A run that collapses goes back to the step `to`. The k-th time, item k of `then` changes settings."""

    to: Annotated[Literal["best"] | Step, Either(f"{STEP} (the collapse), or best,")] = Field(
        description="step to go back to; negative: steps before the collapse; best: best score of early_stop"
    )
    then: Annotated[list[Then], Field(min_length=1, max_length=100), OneOrMany()] = Field(
        description="settings to change, or a list with one item for each time that the run goes back"
    )


class FromStep(Strict):
    """The step from which a run continues another run, and whether the states of the optimizers are kept."""

    step: Annotated[Literal["last", "best"] | Step, Either(f"{STEP}, last or best")] = Field(
        description="step to continue; negative: steps before the end; last: the end; best: best score of early_stop"
    )
    optimizers: Optimizers = Field(
        default="keep", description="keep = an optimizer of the same kind keeps its state; reset = none does"
    )

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        given = [key for key in ("variant", "run", "settings") if key in data and key in cls.model_fields]
        if len(given) != 1:
            keys = " or ".join(key for key in ("variant", "run", "settings") if key in cls.model_fields)
            yield (), f"has {' and '.join(given) or 'no run to continue'}; exactly one of {keys} is needed."
        if data.get("step") == 0 and not isinstance(data["step"], bool):
            yield ("step",), f"0 is not valid; {STEP}, last or best is needed."


class Continuation(FromStep):
    """The parent: a run of another variant on the same data set and seed, or a run with the settings of a given run."""

    variant: Names = optional("name or label of one or several variants that the study lists above this one")
    run: Annotated[str, Field(min_length=1, max_length=1000)] | None = optional(
        "folder or settings.json of a run; its settings are used with the seeds of the study"
    )


class RunContinuation(FromStep):
    """`continue_from` in the settings of one run."""

    settings: dict[str, Any] | None = optional("settings of the run to continue, without its seed")
    run: Annotated[str, Field(min_length=1, max_length=1000)] | None = optional("folder or settings.json of that run")


EarlyStopValue = Annotated[
    Literal["on_collapse"] | EarlyStop,
    Either("on_collapse, or a mapping with metric and every,"),
    AfterValidator(written),
]
RewindValue = Annotated[Rewind, AfterValidator(lambda rule: {"to": rule.to, "then": [c.given() for c in rule.then]})]
RunContinuationValue = Annotated[RunContinuation, AfterValidator(written)]

MAPPINGS.update({"early_stop": EarlyStopValue, "rewind": RewindValue, "continuation": RunContinuationValue})
