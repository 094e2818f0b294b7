"""The key `search` of a study: which settings are searched, in which ranges, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo

from gan_bench.config.grammar.change import Change
from gan_bench.config.grammar.fields import BudgetValue, OneOrMany, Seed, Strict, optional
from gan_bench.config.grammar.problems import mistake, sentence_of, show
from gan_bench.config.grammar.reference import study_folder
from gan_bench.config.grammar.yaml_source import Loc
from gan_bench.errors import unknown_name
from gan_bench.files import canonical_json

#: Keys that give the values of a searched setting. Each item of `search.over` has exactly one of them.
KINDS = ("uniform", "log_uniform", "int", "choice")
#: Number of seeds after which the pruner wilcoxon compares a trial with the best trial. With 4 pairs of scores, the
#: smallest possible p value of the one-sided test is 1/16.
FIRST_SEEDS = 4
#: Samplers that learn from earlier rounds.
ADAPTIVE = ("tpe", "gp")

Ends = Annotated[list[float], Field(min_length=2, max_length=2)]
IntEnds = Annotated[list[Annotated[int, Field(ge=-(2**53), le=2**53)]], Field(min_length=2, max_length=2)]
Value = Any


class Range(Strict):
    """The values of one searched setting: exactly one of the first four keys, and an optional condition."""

    PLACE = "under a setting of `search.over`"
    uniform: Ends = optional("[low, high]: a number, uniform between the ends")
    log_uniform: Ends = optional("[low, high] above 0: a number whose logarithm is uniform")
    int: IntEnds = optional("[low, high]: a whole number, both ends included")
    choice: Annotated[list[Value], Field(min_length=1, max_length=1000)] = optional("list of values, equally likely")
    when: Annotated[dict[str, Annotated[list[Value], Field(min_length=1), OneOrMany()]], Field(min_length=1)] = (
        optional("settings that the trial must have, after the ranges above: {penalty: gradient_penalty}")
    )

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        given = [key for key in KINDS if key in data]
        if len(given) != 1:
            yield (), f"has {' and '.join(given) or 'no range'}; exactly one of {', '.join(KINDS)} is needed."
        for key in given[:1] if len(given) == 1 else ():
            ends = data[key]
            numbers = isinstance(ends, list) and all(
                isinstance(x, int | float) and not isinstance(x, bool) for x in ends
            )
            if key == "choice" or not numbers or len(ends) != 2:
                continue
            if not ends[0] < ends[1]:
                yield (key,), f"{show(ends)} is not valid; the first number must be below the second."
            elif key == "log_uniform" and ends[0] <= 0:
                yield (key,), f"{show(ends)} is not valid; both numbers must be above 0."


@dataclass(frozen=True)
class Dimension:
    """One searched setting.

    name: the setting as written, such as "optimizer.lr".
    kind: one of KINDS.
    ends: lowest and highest value; None for a choice.
    choices: the values of a choice as written in the study.
    resolved: the items of `choices` in the form in which a run's settings store them.
    when: name of another setting -> values. The setting is searched only in trials where the other setting has one of
        these values.
    """

    name: str
    kind: str
    ends: tuple[float, float] | None = None
    choices: tuple[Any, ...] = ()
    resolved: tuple[Any, ...] = ()
    when: Mapping[str, list[Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "when": dict(self.when)}

    def stored(self, value: Any) -> Any:
        """`value` in the form in which a run's settings store it."""
        return value if self.ends is not None else self.resolved[self.place(value)]

    def place(self, value: Any) -> int:
        """Index of a value in `choices`."""
        return [canonical_json(choice) for choice in self.choices].index(canonical_json(value))

    def from_unit(self, u: float) -> Any:
        """The value at the quantile `u` in [0, 1). Values of uniform and log_uniform have four significant digits."""
        if self.ends is None:
            return self.choices[int(u * len(self.choices))]
        low, high = self.ends
        if self.kind == "int":
            return int(low) + int(u * (high - low + 1))
        return self.rounded(low + u * (high - low) if self.kind == "uniform" else low * (high / low) ** u)

    def rounded(self, value: float) -> float:
        """`value` with four significant digits, within the ends.

        Different processors may compute different last bits of `value`. After rounding, the settings of a trial almost
        always agree.
        """
        assert self.ends is not None
        return min(max(float(f"{value:.4g}"), self.ends[0]), self.ends[1])


def _dimensions(over: dict[str, Range], info: ValidationInfo) -> dict[str, Dimension]:
    return {name: _dimension(name, item, study_folder(info)) for name, item in over.items()}


def _dimension(name: str, item: Range, folder: Path | None) -> Dimension:
    kind = next(key for key in KINDS if getattr(item, key) is not None)
    values = getattr(item, kind)
    if kind != "choice":
        resolved_value(name, values[0] if kind == "int" else float(values[0]), folder)
        return Dimension(name, kind, ends=(values[0], values[1]), when=item.when or {})
    texts = [canonical_json(value) for value in values]
    if len(set(texts)) < len(texts):
        raise mistake(f"{name}: {show(values)} lists a value twice; list each value only once.")
    resolved = tuple(resolved_value(name, value, folder) for value in values)
    return Dimension(name, kind, choices=tuple(values), resolved=resolved, when=item.when or {})


def resolved_value(name: str, value: Any, folder: Path | None = None) -> Any:
    """Check a value of a searched setting like a value under `set` of an override. Errors name the setting."""
    key, _, setting = name.partition(".")
    valid = [valid for valid in Change.model_fields if valid != "method"]
    if key not in valid:
        raise mistake(unknown_name("setting to search", name, valid, "a variant of its own" if key == "method" else ""))
    if setting and key == "budget":
        raise mistake(f"{name}: a budget is searched as a whole: budget: {{choice: [{{g_steps: 1000}}, ...]}}.")
    try:
        change = Change.model_validate({key: {setting: value} if setting else value}, context={"folder": folder})
    except ValidationError as error:
        raise mistake(f"{name}: {sentence_of(error.errors(include_url=False)[0], None)}") from None
    result = getattr(change, key)
    return result[setting] if setting else result


class Search(Strict):
    """A search of settings for each variant on each data set. Variants that read no searched setting have no search.

    After the search, runs with the best settings (by validation score) are trained with the study's `seeds` and
    reported. Their budget is the study's `budget`, unless `budget` is itself searched.
    """

    PLACE = "under `search`"
    over: Annotated[dict[str, Range], Field(min_length=1, max_length=50), AfterValidator(_dimensions)] = Field(
        description="settings such as `optimizer.lr` or `d_steps`, each with its range; see below"
    )
    sampler: Literal["random", "tpe", "gp"] = Field(
        default="random",
        description="random, or a sampler of Optuna that learns from earlier rounds (package extra `search`)",
    )
    trials: Annotated[int, Field(ge=1, le=10_000)] = Field(
        description="settings tried for each variant on each data set"
    )
    seeds: Annotated[int, Field(ge=1, le=100)] = Field(
        default=1, description="runs of each trial, with the seeds 1000000, 1000001, ..."
    )
    rounds: Annotated[int, Field(ge=2, le=100)] | None = Field(
        default=None,
        description="rounds of tpe and gp: each proposes trials from the scores of the rounds before; null = 3",
    )
    budget: BudgetValue | None = Field(default=None, description="how long a trial trains; null = the study's budget")
    select_by: str | None = Field(
        default=None, description="metric value by whose validation score settings are chosen; null = the study's first"
    )
    pruner: Literal["none", "wilcoxon", "collapse"] = Field(
        default="none",
        description="wilcoxon = no further seeds for a trial that is worse than the best trial after 4 seeds; collapse "
        "= a trial ends when it has collapsed",
    )
    sampler_seed: Seed = Field(default=0, description="seed of all draws of the search")

    @classmethod
    def wrong_keys(cls, data: dict[str, Any], folder: Path | None) -> Iterator[tuple[Loc, str]]:
        sampler, trials, rounds = data.get("sampler", "random"), data.get("trials"), data.get("rounds")
        if rounds is not None and sampler == "random":
            yield ("rounds",), "random draws all trials at once; take rounds out, or choose the sampler tpe or gp."
        elif sampler in ADAPTIVE and isinstance(trials, int) and trials < (rounds if isinstance(rounds, int) else 3):
            yield ("trials",), f"{trials} trials are fewer than the rounds; each round needs at least one trial."
        seeds = data.get("seeds", 1)
        if data.get("pruner") == "wilcoxon" and isinstance(seeds, int) and seeds <= FIRST_SEEDS:
            yield ("pruner",), f"wilcoxon compares {FIRST_SEEDS} seeds of a trial; set seeds to more than that."

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The searched settings by name, in the order of the file."""
        return cast("dict[str, Dimension]", self.over)

    @property
    def n_rounds(self) -> int:
        """Number of rounds of trials."""
        return 1 if self.sampler == "random" else self.rounds or 3
