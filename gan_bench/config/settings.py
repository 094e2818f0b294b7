"""Settings of a single run, as in settings.json: the same strictness as a study, for runs started by hand."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import PydanticCustomError

from gan_bench.config.checks.combinations import clashes, describe
from gan_bench.config.grammar.fields import (
    BatchSize,
    Budget,
    Decay,
    EarlyStop,
    Kept,
    Points,
    Precision,
    Seed,
    Steps,
    Strict,
    Threads,
)
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import ComponentOf, NullOr, Ref, resolve, slug
from gan_bench.config.grammar.uses import KEYS, fitted, needless, telling, uses
from gan_bench.config.grammar.variant import Method, Tricks
from gan_bench.config.grammar.yaml_source import Loc

#: What a key has that is left out, where the method reads it; the others cannot be left out.
DEFAULTS: Mapping[str, Any] = {
    "penalty": "none",
    "tricks": [],
    "d_steps": 1,
    "batch_size": 64,
    "ema": None,
    "log_points": 200,
    "snapshots": 12,
    "checkpoints": None,
    "early_stop": None,
}

#: Keys that may be empty where the method reads them: there is then none of it.
EMPTY = ("ema", "checkpoints", "early_stop")


class RunSettings(Strict):
    """A run's settings; what has a default may be left out, and what the method does not read is null."""

    dataset: Annotated[Ref, ComponentOf("data")]
    method: Method = Field(default="adversarial", validate_default=True)  # type: ignore[assignment]
    model: Annotated[Ref | None, NullOr("models")] = None
    loss: Annotated[Ref | None, NullOr("losses")] = None
    penalty: Annotated[Ref | None, NullOr("penalties")] = None
    tricks: Tricks = Field(default=[])
    g_optimizer: Annotated[Ref | None, NullOr("optimizers")] = None
    d_optimizer: Annotated[Ref | None, NullOr("optimizers")] = None
    d_steps: Steps | None = None
    batch_size: BatchSize | None = None
    ema: Decay | None = None
    precision: Precision = "float32"
    budget: Budget | None = None
    log_points: Points | None = None
    snapshots: Points | None = None
    checkpoints: Kept | None = None
    early_stop: EarlyStop | None = None
    threads: Threads = 1
    device: Literal["cpu", "cuda"] = "cpu"
    seed: Seed

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        try:
            method = telling(resolve("methods", data.get("method", "adversarial"), folder))
        except (ValidationError, PydanticCustomError):
            return  # told where the method stands
        used = uses(method)
        for key in KEYS:
            if key not in used and data.get(key) not in (None, []):
                yield (key,), needless(slug(method), key)
            elif key in used and key not in data and key not in DEFAULTS:
                yield (key,), "is missing."
            elif key in used and key in data and data[key] is None and key not in EMPTY:
                yield (key,), f"is empty; method {slug(method)!r} needs it."


def validate_run_settings(settings: Any, folder: Path | None = None, title: str = "settings") -> dict[str, Any]:
    """The run's settings, checked and complete: every component with all its settings, every default filled in.

    `folder` is where a user's components are looked for before the current folder; `title` is what messages call
    the settings. Raises UserError with one sentence for each mistake, and for combinations that cannot work.
    """
    problems = Problems(title)
    if not isinstance(settings, dict):
        problems.add((), "a mapping of a run's settings is needed (see settings.json of any run).")
        problems.raise_if_any()
    try:
        checked = RunSettings.model_validate(settings, context={"folder": folder})
    except ValidationError as error:
        problems.add_validation(error)
        problems.raise_if_any()
        raise
    result = _complete(checked)
    for key, sentence in clashes(result, describe(checked.dataset)):
        problems.add((key,), sentence)
    problems.raise_if_any()
    return result


def _complete(checked: RunSettings) -> dict[str, Any]:
    found = dict(checked)
    found |= {key: value for key, value in DEFAULTS.items() if found[key] is None}
    if found["penalty"] == DEFAULTS["penalty"]:
        found["penalty"] = resolve("penalties", found["penalty"])
    if checked.budget is not None:
        found["budget"] = checked.budget.resolved()
    return fitted(found)
