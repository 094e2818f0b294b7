"""Settings of a single run, as in settings.json: the same strictness as a study, for runs started by hand."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from gan_bench.config.combinations import clashes, describe
from gan_bench.config.fields import BatchSize, Budget, Points, Seed, Steps, Strict, Threads
from gan_bench.config.problems import Problems
from gan_bench.config.reference import ComponentOf, Ref


class RunSettings(Strict):
    """A run's settings; what has a default may be left out."""

    dataset: Annotated[Ref, ComponentOf("data")]
    model: Annotated[Ref, ComponentOf("models")]
    loss: Annotated[Ref, ComponentOf("losses")]
    penalty: Annotated[Ref, ComponentOf("penalties")] = Field(default="none", validate_default=True)  # type: ignore[assignment]
    g_optimizer: Annotated[Ref, ComponentOf("optimizers")]
    d_optimizer: Annotated[Ref, ComponentOf("optimizers")]
    d_steps: Steps = 1
    batch_size: BatchSize = 64
    budget: Budget
    log_points: Points = 200
    snapshots: Points = 12
    threads: Threads = 1
    device: Literal["cpu", "cuda"] = "cpu"
    seed: Seed


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
    result = {**dict(checked), "budget": checked.budget.resolved()}
    for key, sentence in clashes(result, describe(checked.dataset)):
        problems.add((key,), sentence)
    problems.raise_if_any()
    return result
