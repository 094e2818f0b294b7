"""The search space of each cell of a study with `search`, and the settings of a trial in such a space."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from gan_bench.config.grammar.method_keys import keys_read_by, keys_set_by, stored_settings
from gan_bench.config.grammar.problems import Problems, rebuilt
from gan_bench.config.grammar.reference import identity, references, slug
from gan_bench.config.grammar.search import Dimension, Search
from gan_bench.config.plan.changes import merged
from gan_bench.files import digest_of
from gan_bench.run_keys import BY_NAME

#: Number of random trials with which each search space is checked before the study runs.
PROBES = 64

Settings = dict[str, Any]
Values = dict[str, Any]
#: Function that gives the value of a searched setting in a trial.
Choose = Callable[[Dimension], Any]


@dataclass(frozen=True)
class Space:
    """The search space of one variant on one data set. `base`: the settings of the cell without the search."""

    dataset: str
    variant: str
    base: Settings
    dimensions: tuple[Dimension, ...]
    seed: int

    @property
    def key(self) -> tuple[str, str]:
        return self.dataset, self.variant

    def play(self, choose: Choose) -> tuple[Values, Settings]:
        """The values and the run settings of a trial. `choose` gives a value for each active setting (see `active`)."""
        settings, values = deepcopy(self.base), dict[str, Any]()
        for dimension in self.dimensions:
            if active(dimension, settings):
                values[dimension.name] = choose(dimension)
                settings = applied(settings, dimension, values[dimension.name])
        return values, stored_settings(settings)

    def settings(self, values: Mapping[str, Any]) -> Settings:
        """The settings of a run with these values."""
        return self.play(lambda dimension: values[dimension.name])[1]

    def random(self, trials: int) -> list[Values]:
        """The values of the first `trials` random trials. A larger number does not change the earlier trials."""
        units = self.generator("random").random((trials, len(self.dimensions)))
        return [self.play(self.from_units(row))[0] for row in units]

    def from_units(self, row: np.ndarray) -> Choose:
        """A function that gives each setting its value. `row` has a quantile in [0, 1) for each setting."""
        unit = dict(zip((dimension.name for dimension in self.dimensions), row, strict=True))
        return lambda dimension: dimension.from_unit(float(unit[dimension.name]))

    def generator(self, purpose: str) -> np.random.Generator:
        """Random generator that depends only on `purpose`, the search's seed, the data set and the base settings."""
        return np.random.Generator(np.random.PCG64(self.stream_seed(purpose)))

    def stream_seed(self, purpose: str) -> int:
        """128-bit seed of `generator`."""
        return int(digest_of(["search", self.seed, self.dataset, identity(self.base), purpose])[:32], 16)


def active(dimension: Dimension, settings: Mapping[str, Any]) -> bool:
    """Whether a setting is searched: the method in `settings` reads it, and its conditions in `when` are true."""
    key = dimension.name.partition(".")[0]
    targets = keys_set_by(key, keys_read_by(settings["method"]))
    return bool(targets) and all(_has(settings, name, values) for name, values in dimension.when.items())


def _has(settings: Mapping[str, Any], name: str, values: Sequence[Any]) -> bool:
    """Whether a setting has one of the values. Components are compared by name."""
    key, _, setting = name.partition(".")
    known = BY_NAME[key]
    contents = [settings.get(target, BY_NAME[target].default) for target in known.sets or (key,)]
    if setting:
        return any(isinstance(content, dict) and content.get(setting) in values for content in contents)
    if known.axis:
        return any(slug(ref) in values for content in contents for ref in references(content))
    return contents[0] in values


def applied(settings: Mapping[str, Any], dimension: Dimension, value: Any) -> Settings:
    """The settings after one searched setting is given a value. Raises a pydantic error if the value is not valid."""
    key, _, setting = dimension.name.partition(".")
    stored = dimension.stored(value)
    result = dict(settings)
    for target in keys_set_by(key, keys_read_by(settings["method"])):
        change = {setting: stored} if setting else stored
        result[target] = merged(target, result.get(target, BY_NAME[target].default), change)
    return result


def find_spaces(search: Search, cells: Sequence[tuple[str, str, Settings]], problems: Problems) -> list[Space]:
    """The search spaces of those `cells` (data set, variant, settings) that read at least one searched setting.

    Random trials show which settings a cell reads. Mistakes in the ranges are added to `problems`.
    """
    for name, dimension in search.dimensions.items():
        for other in dimension.when:
            if other.partition(".")[0] not in BY_NAME:
                problems.add(("search", "over", name, "when"), f"{other!r} is not the name of a setting of a run.")
                return []
    dimensions = tuple(search.dimensions.values())
    spaces = [Space(dataset, variant, base, dimensions, search.sampler_seed) for dataset, variant, base in cells]
    used = [_probe(space, problems) for space in spaces]
    if not problems:
        for name in [name for name in search.dimensions if not any(name in names for names in used)]:
            problems.add(("search", "over", name), "is not read by any run of the study; correct it or take it out.")
    return [space for space, names in zip(spaces, used, strict=True) if names]


def _probe(space: Space, problems: Problems) -> set[str]:
    """Names of the settings that random trials of a space read. Values that cannot work are added to `problems`."""
    used: set[str] = set()
    rows = space.generator("probe").random((PROBES, len(space.dimensions)))
    ends = {dimension.name: list(_extremes(dimension)) for dimension in space.dimensions}
    for row in rows:
        value_of = space.from_units(row)
        settings: Settings = dict(space.base)
        for dimension in space.dimensions:
            if not active(dimension, settings):
                continue
            used.add(dimension.name)
            try:
                for value_tried in [*ends.pop(dimension.name, ()), value_of(dimension)]:
                    after = applied(settings, dimension, value_tried)
            except (ValidationError, PydanticCustomError) as error:
                _add(dimension, space, error, problems)
                return {each.name for each in space.dimensions}
            settings = after
    return used


def _extremes(dimension: Dimension) -> Sequence[Any]:
    if dimension.ends is None:
        return dimension.choices
    return [int(end) for end in dimension.ends] if dimension.kind == "int" else [float(end) for end in dimension.ends]


def _add(dimension: Dimension, space: Space, error: ValidationError | PydanticCustomError, problems: Problems) -> None:
    if isinstance(error, ValidationError):
        error = rebuilt(error, lambda details: ((), None))
    inner = Problems("")
    inner.add_error((), error)
    text = inner.sentences()[0]
    hint = f"on {space.variant!r}: {text} If not all variants have the setting, add a `when`."
    problems.add(("search", "over", dimension.name), hint)
