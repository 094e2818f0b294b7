"""The variants of a study: every combination of the values that its entries list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from gan_bench.config.grammar.method_keys import missing_keys, stored_settings, unused_key_sentence
from gan_bench.config.grammar.problems import Problems, show
from gan_bench.config.grammar.reference import slug
from gan_bench.config.grammar.study import StudyFile
from gan_bench.config.grammar.variant import Preset, PresetVariant, Variant, variant_settings
from gan_bench.config.plan.changes import changed
from gan_bench.config.plan.labels import Named, variant_labels
from gan_bench.errors import unknown_name
from gan_bench.run_keys import STUDY, keys_at

#: More variants than this are probably a mistake in a list.
MAX_VARIANTS = 20_000


@dataclass(frozen=True)
class PlannedVariant:
    """One variant, before a data set is chosen and before overrides. `entry` is its index in `variants`.

    `settings` also hold keys that the method does not read, because an override may change the method. `names` are the
    names by which overrides may select it.
    """

    entry: int
    label: str
    names: frozenset[str]
    settings: dict[str, Any]
    datasets: frozenset[str] | None
    preset: str | None = None

    def runs_on(self, label: str) -> bool:
        """Whether the variant runs on the data set of that label."""
        return self.datasets is None or label in self.datasets


def planned_variants(file: StudyFile, problems: Problems) -> list[PlannedVariant]:
    """Every variant of the study with its label; duplicate labels are added to `problems`."""
    count = sum(_count(variant) for variant in file.variants)
    if count > MAX_VARIANTS:
        problems.add(("variants",), f"the lists multiply to {count} variants; at most {MAX_VARIANTS} are possible.")
        return []
    entries = list(enumerate(file.variants))
    combinations = [(i, *pair) for i, variant in entries for pair in _unrolled(i, variant, file, problems)]
    named = [
        Named(file.variants[i].name, stored_settings(settings), preset, _datasets(file.variants[i]))
        for i, settings, preset in combinations
    ]
    labels = variant_labels(named)
    _check_names(file, problems)
    _check_labels([(i, item) for (i, _, _), item in zip(combinations, named, strict=True)], labels, problems)
    return [
        _planned(i, file.variants[i], label, settings, preset)
        for (i, settings, preset), label in zip(combinations, labels, strict=True)
    ]


def _planned(
    entry: int, variant: Variant | PresetVariant, label: str, settings: dict[str, Any], preset: Preset | None
) -> PlannedVariant:
    names = {label, variant.name or label, preset.name if preset else label}
    datasets, named = _datasets(variant), preset.name if preset else None
    return PlannedVariant(entry, label, frozenset(names), settings, datasets, named)


def _datasets(variant: Variant | PresetVariant) -> frozenset[str] | None:
    return None if variant.datasets is None else frozenset(variant.datasets)


def check_datasets(file: StudyFile, problems: Problems) -> None:
    """Report every label of a data set that a variant names and the study does not have."""
    labels = [dataset.label for dataset in file.datasets]
    for i, variant in enumerate(file.variants):
        for label in variant.datasets or ():
            if label not in labels:
                problems.add(("variants", i, "datasets"), unknown_name("data set label", label, labels))


def _count(variant: Variant | PresetVariant) -> int:
    presets = len(variant.preset) if isinstance(variant, PresetVariant) else 1
    return presets * prod(len(values) for values in variant.values_by_key().values())


def _unrolled(
    entry: int, variant: Variant | PresetVariant, file: StudyFile, problems: Problems
) -> Iterator[tuple[dict[str, Any], Preset | None]]:
    """(settings, preset) of each combination of an item's values."""
    common = {key.name: getattr(file, key.name) for key in keys_at(STUDY)}
    listed = variant.values_by_key()
    presets: Sequence[Preset | None] = variant.preset if isinstance(variant, PresetVariant) else [None]
    for preset in presets:
        start = {} if preset is None else variant_settings({**common, **preset.sets})
        for values in product(*listed.values()):
            given = dict(zip(listed, values, strict=True))
            if preset is None:
                yield variant_settings({**common, **given}), None
            else:
                yield _from_preset(entry, preset, start, given, problems), preset


def _from_preset(
    entry: int, preset: Preset, start: Mapping[str, Any], given: Mapping[str, Any], problems: Problems
) -> dict[str, Any]:
    """`start`, the preset's settings, after the changes of the item; conflicts are reported."""
    settings, taken = changed(start, given, problems, ("variants", entry))
    method = slug(settings["method"])
    for key in given.keys() - taken:
        problems.add(("variants", entry, key), f"preset {preset.name!r}: {unused_key_sentence(method, key)}")
    if missing := " and ".join(missing_keys(settings)):
        text = f"preset {preset.name!r} has no {missing}, which method {method!r} needs; set it beside the preset."
        problems.add(("variants", entry), text)
    return settings


def _check_names(file: StudyFile, problems: Problems) -> None:
    """Report a name that two variants have which run on the same data set."""
    everywhere = frozenset(dataset.label for dataset in file.datasets)
    first: dict[tuple[str, str], int] = {}
    for i, variant in enumerate(file.variants):
        places = everywhere if (named := _datasets(variant)) is None else named
        taken = [first.setdefault((variant.name, place), i) for place in sorted(places) if variant.name is not None]
        if other := [entry for entry in taken if entry != i]:
            where = problems.path(("variants", other[0]))
            sentence = f"{show(variant.name)} is the name of {where} too; give it another, or other data sets."
            problems.add(("variants", i, "name"), sentence)


def _check_labels(pairs: list[tuple[int, Named]], labels: list[str], problems: Problems) -> None:
    before: dict[str, list[tuple[int, Named]]] = {}
    for (i, named), label in zip(pairs, labels, strict=True):
        for other, earlier in before.get(label, ()):
            # Entries with one name are checked by _check_names.
            apart = i != other and named.name is not None and named.name == earlier.name
            # Equal settings under one label are the same cell twice; this is reported where cells are built.
            if earlier.settings != named.settings and not apart:
                where = problems.path(("variants", other))
                problems.add(("variants", i), f"label {show(label)} stands for {where} too; give one of them a name.")
                break
        before.setdefault(label, []).append((i, named))
