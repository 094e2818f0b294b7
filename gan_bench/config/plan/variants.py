"""The variants of a study: all combinations of the values that each item of `variants` lists."""

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

#: Largest number of variants. A larger number is probably caused by a mistake in a list.
MAX_VARIANTS = 20_000


@dataclass(frozen=True)
class PlannedVariant:
    """One variant, before a data set is chosen and before overrides. `entry` is the index of its item in `variants`.

    `settings` also contain keys that the method does not read, because an override may change the method. `names` are
    the names by which overrides can select the variant.
    """

    entry: int
    label: str
    names: frozenset[str]
    settings: dict[str, Any]
    datasets: frozenset[str] | None
    preset: str | None = None

    def runs_on(self, label: str) -> bool:
        """Whether the variant runs on the data set with this label."""
        return self.datasets is None or label in self.datasets


def planned_variants(file: StudyFile, problems: Problems) -> list[PlannedVariant]:
    """All variants of the study with their labels; duplicate labels are added to `problems`."""
    count = sum(_count(variant) for variant in file.variants)
    if count > MAX_VARIANTS:
        problems.add(("variants",), f"the lists multiply to {count} variants; at most {MAX_VARIANTS} are possible.")
        return []
    entries = list(enumerate(file.variants))
    combinations = [(i, *pair) for i, variant in entries for pair in _unrolled(i, variant, file, problems)]
    named = [Named(file.variants[i].name, stored_settings(settings), preset) for i, settings, preset in combinations]
    labels = variant_labels(named)
    _check_names(file, problems)
    _check_labels([(i, item.settings) for (i, _, _), item in zip(combinations, named, strict=True)], labels, problems)
    return [
        _planned(i, file.variants[i], label, settings, preset)
        for (i, settings, preset), label in zip(combinations, labels, strict=True)
    ]


def _planned(
    entry: int, variant: Variant | PresetVariant, label: str, settings: dict[str, Any], preset: Preset | None
) -> PlannedVariant:
    datasets = None if variant.datasets is None else frozenset(variant.datasets)
    names = {label, variant.name or label, preset.name if preset else label}
    return PlannedVariant(entry, label, frozenset(names), settings, datasets, preset.name if preset else None)


def check_datasets(file: StudyFile, problems: Problems) -> None:
    """Report all labels of data sets that variants name but the study does not have."""
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
    """Yield (settings, preset) for each combination of an item's values."""
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
    """The preset's settings `start` after the changes `given` of the item; conflicts are reported."""
    settings, taken = changed(start, given, problems, ("variants", entry))
    method = slug(settings["method"])
    for key in given.keys() - taken:
        problems.add(("variants", entry, key), f"preset {preset.name!r}: {unused_key_sentence(method, key)}")
    if missing := " and ".join(missing_keys(settings)):
        text = f"preset {preset.name!r} has no {missing}, which method {method!r} needs; set it beside the preset."
        problems.add(("variants", entry), text)
    return settings


def _check_names(file: StudyFile, problems: Problems) -> None:
    first: dict[str, int] = {}
    for i, variant in enumerate(file.variants):
        if variant.name is not None and first.setdefault(variant.name, i) != i:
            where = problems.path(("variants", first[variant.name]))
            problems.add(("variants", i, "name"), f"{show(variant.name)} is the name of {where} too; give it another.")


def _check_labels(pairs: list[tuple[int, Mapping[str, Any]]], labels: list[str], problems: Problems) -> None:
    first: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for (i, settings), label in zip(pairs, labels, strict=True):
        other, other_settings = first.setdefault(label, (i, settings))
        # Variants with equal settings and equal labels are reported when cells are built, as a repeated cell.
        if other_settings != settings:
            where = problems.path(("variants", other))
            problems.add(("variants", i), f"label {show(label)} stands for {where} too; give one of them a name.")
