"""The types of a study file: its keys, their valid values, defaults and meanings."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    TypeAdapter,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gan_bench.config.grammar.change import Change
from gan_bench.config.grammar.fields import TOP, Label, Names, NotEmpty, OneOrMany, Seed, Seeds, Strict, optional
from gan_bench.config.grammar.key_fields import with_fields, with_run_keys
from gan_bench.config.grammar.problems import mistake
from gan_bench.config.grammar.reference import (
    AutoOr,
    ComponentOf,
    Ref,
    each_once,
    references,
    resolve,
    slug,
    study_folder,
)
from gan_bench.config.grammar.search import Search
from gan_bench.config.grammar.variant import ContinuedVariant, PresetVariant, Variant, VariantEntry
from gan_bench.log_to import FORMATS
from gan_bench.registry import components
from gan_bench.run_keys import RUN_KEYS, STUDY

DEFAULT_METRICS = ("frechet", "inception_score", "one_nn")


@dataclass(frozen=True)
class Dataset:
    """A data set of a study: its label in tables and folders, and its resolved reference."""

    label: str
    ref: Ref


class DatasetOf(ComponentOf):
    """Annotation of one item of `datasets`: a name, or {name, label, ...settings}."""

    def validate(self, value: Any, info: ValidationInfo) -> Dataset:
        ref = resolve(self.axis, value, study_folder(info), {"label": TypeAdapter(Label).core_schema})
        label = ref.pop("label", slug(ref))
        return Dataset(label, ref)


#: Keys of a figure in addition to its settings. In a mapping under `figures`, format, width and font apply to all
#: figures. `each_figure` sets `default` for a figure that the study does not name. Such a figure is drawn only if
#: `gan_bench.config.plan.grid.shown_figures` returns it.
PRINT: dict[str, Any] = {
    "format": list[Literal["svg", "pdf"]],
    "width": Literal["column", "page"],
    "font": Annotated[float, Field(ge=5, le=14)],
    "default": bool,
}


class FigureOf(ComponentOf):
    """Annotation of one item of `figures`: a name, or {name, format, width, font, ...settings}."""

    def validate(self, value: Any, info: ValidationInfo) -> Any:
        return resolve(self.axis, value, study_folder(info), {k: TypeAdapter(v).core_schema for k, v in PRINT.items()})


def each_figure(value: Any) -> Any:
    """The items of `figures` as a list. In a mapping, format, width and font apply to all figures.

    Without the key `show`, the items are all figures whose FACTS have "order". A value that is not a mapping is
    returned unchanged.
    """
    if not isinstance(value, dict):
        return value
    if not value:
        raise mistake("is empty; a list of figures, or a mapping with font, format, show or width, is needed.")
    unknown = sorted(set(map(str, value)) - {"show", "format", "width", "font"})
    if unknown:
        raise mistake(f"figures: unknown key {unknown[0]!r}; valid: font, format, show, width, or a list of figures.")
    shared = {key: value[key] for key in ("format", "width", "font") if key in value}
    if "show" in value:
        return [
            {**(item if isinstance(item, dict) else {"name": item}), **shared} for item in references(value["show"])
        ]
    names = [figure.name for figure in components("figures") if "order" in figure.facts]
    return [{"name": name, "default": True, **shared} for name in names]


class OrPrint:
    """Annotation that adds a mapping, which `each_figure` also accepts, to the schema of a list of figures."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        listed = handler(schema)
        keys = {key: TypeAdapter(PRINT[key]).json_schema() for key in ("format", "width", "font")}
        mapping = {"type": "object", "minProperties": 1, "additionalProperties": False}
        return {"anyOf": [listed, {**mapping, "properties": {"show": listed, **keys}}]}


@with_fields(
    {key.when: (Names, optional(f"names of {key.axis}, of which a run must have one")) for key in RUN_KEYS if key.when}
)
class When(NotEmpty):
    """Which runs an override changes: the runs whose settings, before any override, match every key."""

    PLACE = "under `when` of an override"
    dataset: Names = optional("labels of data sets")
    variant: Names = optional("names of variants or of presets, as written or as shown in tables")


class Override(Strict):
    """One item of `overrides`. If two items set the same key of a run, the later item wins."""

    when: When = Field(description="which runs are changed")
    set: Change = Field(description="the settings that these runs get")


class Evaluation(Strict):
    """How samples are scored."""

    PLACE = "under `evaluation`"
    metrics: Annotated[list[Annotated[Ref, ComponentOf("metrics")]], AfterValidator(each_once)] = Field(
        default=list(DEFAULT_METRICS), min_length=1, validate_default=True, description="metric families"
    )
    split: Literal["train", "test"] = Field(default="test", description="real images that samples are compared with")
    n_samples: Annotated[int, Field(ge=2, le=10**7)] | None = Field(
        default=None, description="images on each side; null = as many as the split has"
    )
    validation: Annotated[float, Field(gt=0, le=0.5)] | None = Field(
        default=None,
        description="share of the split's images to set aside for choices; reported scores do not use it; null = none",
    )
    extractor: Annotated[Any, AutoOr("features")] = Field(
        default="auto",
        description="feature space; auto = the extractor that the data set's file names, if any; otherwise classifier "
        "for labelled data, efficientnet_lite0 (if installed) for unlabelled folders of pictures, and random_conv for "
        "other data. In a list, the first is the main space; tables say whether the other spaces order the variants "
        "differently",
    )


@with_run_keys(STUDY)
class StudyFile(Strict):
    """A study file. The name of the study is the name of the file without `.yaml`."""

    PLACE = TOP
    description: Annotated[str, Field(max_length=1000)] = Field(default="", description="what the study asks")
    datasets: list[Annotated[Dataset, DatasetOf("data")]] = Field(min_length=1, description="data sets")
    variants: list[Annotated[Variant | PresetVariant | ContinuedVariant, VariantEntry()]] = Field(
        min_length=1, description="what is compared; see below"
    )
    overrides: list[Override] = Field(default=[], description="settings of some runs only; see below")
    seeds: Annotated[list[Seed], Field(min_length=1, max_length=10_000), Seeds()] = Field(
        description="replicates of every cell: n for 0 to n - 1, or a list of distinct numbers"
    )
    chunk: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None,
        description="number of seeds in one training job; by default 4, or up to 64 if a run takes only seconds",
    )
    evaluation: Evaluation = Field(default_factory=Evaluation, description="how samples are scored; see below")
    search: Search | None = optional("search of settings; the study then trains the best settings; see below")
    log_to: Annotated[list[Literal[FORMATS]], OneOrMany()] = Field(  # type: ignore[valid-type]
        default=[],
        description="additional formats for the curves of each run, such as `tensorboard`; the files are below "
        "RESULTS/STUDY/; results do not depend on this key",
    )
    figures: (
        Annotated[
            list[Annotated[Ref, FigureOf("figures")]],
            BeforeValidator(each_figure),
            AfterValidator(each_once),
            OrPrint(),
        ]
        | None
    ) = Field(
        default=None,
        description="figures to draw; by default at most eight that have something to show; for print, "
        "a mapping {show: list, format: [svg, pdf], width: column or page, font: points}, all keys optional",
    )

    #: G steps per minute of each variant, for budgets in minutes (gan_bench.config.plan.minutes).
    _speeds: Any = PrivateAttr(None)


class Study(StudyFile):
    """A checked study: the resolved contents of its file, and its name."""

    name: str
    #: The cells for the device cpu, if the check of the file built them. gan_bench.config.plan.grid.expand uses them.
    _grid: Any = PrivateAttr(None)
