"""Expands each item of `variants` to the variants of the study, one for each combination of listed values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from gan_bench.config.grammar.continuation import Continuation
from gan_bench.config.grammar.method_keys import missing_keys, stored_settings, unused_key_sentence
from gan_bench.config.grammar.problems import Problems, show
from gan_bench.config.grammar.reference import slug
from gan_bench.config.grammar.study import StudyFile
from gan_bench.config.grammar.variant import (
    ContinuedVariant,
    Preset,
    PresetVariant,
    Variant,
    VariantItem,
    variant_settings,
)
from gan_bench.config.plan.changes import changed
from gan_bench.config.plan.continued import (
    OWN,
    Parent,
    child_settings,
    combinations,
    with_defaults,
    with_parent,
)
from gan_bench.config.plan.labels import SEPARATOR, Named, variant_labels
from gan_bench.config.plan.run_settings import stored_run
from gan_bench.errors import UserError, unknown_name
from gan_bench.run_keys import STUDY, keys_at

#: Largest number of variants. A larger number is probably caused by a mistake in a list.
MAX_VARIANTS = 20_000


@dataclass(frozen=True)
class PlannedVariant:
    """One variant, before a data set is chosen and before overrides. `entry` is the index of its item in `variants`.

    `settings` also contain keys that the method does not read, because an override may change the method. `names` are
    the names by which overrides can select the variant. `parent` describes the run that a run of this variant
    continues, if any.
    """

    entry: int
    label: str
    names: frozenset[str]
    settings: dict[str, Any]
    datasets: frozenset[str] | None
    preset: str | None = None
    parent: Parent | None = None

    def runs_on(self, label: str) -> bool:
        """Whether the variant runs on the data set with this label."""
        return self.datasets is None or label in self.datasets


def planned_variants(file: StudyFile, problems: Problems) -> list[PlannedVariant]:
    """All variants of the study with their labels. Mistakes, such as duplicate labels, are added to `problems`."""
    count = sum(_count(variant) for variant in file.variants)
    if count > MAX_VARIANTS:
        problems.add(("variants",), f"the lists expand to {count} variants; at most {MAX_VARIANTS} are possible.")
        return []
    entries = [(i, item) for i, item in enumerate(file.variants) if not isinstance(item, ContinuedVariant)]
    unrolled = [(i, *pair) for i, variant in entries for pair in _unrolled(i, variant, file, problems)]
    named = [
        Named(file.variants[i].name, stored_settings(settings), preset, _datasets(file.variants[i]))
        for i, settings, preset in unrolled
    ]
    labels = variant_labels(named)
    _check_names(file, problems)
    _check_labels([(i, item) for (i, _, _), item in zip(unrolled, named, strict=True)], labels, problems)
    planned = [
        _planned(i, file.variants[i], label, settings, preset)
        for (i, settings, preset), label in zip(unrolled, labels, strict=True)
    ]
    for i, item in enumerate(file.variants):
        if isinstance(item, ContinuedVariant):
            planned += _children(i, item, planned, file, problems)
    return planned


def _planned(
    entry: int, variant: VariantItem, label: str, settings: dict[str, Any], preset: Preset | None
) -> PlannedVariant:
    names = {label, variant.name or label, preset.name if preset else label}
    datasets, named = _datasets(variant), preset.name if preset else None
    return PlannedVariant(entry, label, frozenset(names), settings, datasets, named)


def _datasets(variant: VariantItem) -> frozenset[str] | None:
    return None if variant.datasets is None else frozenset(variant.datasets)


def _children(
    entry: int, item: ContinuedVariant, planned: Sequence[PlannedVariant], file: StudyFile, problems: Problems
) -> list[PlannedVariant]:
    """The variants of an item with `continue_from`: one for each parent and each combination of listed values."""
    start, own = item.continue_from, {key: getattr(file, key) for key in OWN if hasattr(file, key)}
    parents = _parents(entry, start, planned, file, problems)
    children, named = [], []
    for parent, stored in parents:
        for changes in combinations(item):
            settings = child_settings(parent.settings, own, changes, problems, entry)
            name = item.name or f"{parent.label}{SEPARATOR}from step {start.step}"
            named.append(Named(SEPARATOR.join([name, parent.label][: len(parents)]), stored_settings(settings)))
            link = Parent(parent.label, changes, start.step, start.optimizers, stored)
            children.append(replace(_planned(entry, item, name, settings, None), parent=link, datasets=parent.datasets))
    labels = variant_labels(named)
    _check_labels([(entry, one) for one in named], labels, problems)
    for label in sorted({other.label for other in planned} & set(labels)):
        problems.add(("variants", entry), f"label {show(label)} is used by another variant too; give this one a name.")
    result = [replace(c, label=label, names=c.names | {label}) for c, label in zip(children, labels, strict=True)]
    if item.datasets is not None:
        own_labels = frozenset(item.datasets)
        result = [replace(c, datasets=own_labels & (own_labels if c.datasets is None else c.datasets)) for c in result]
    return result


def _parents(
    entry: int, start: Continuation, planned: Sequence[PlannedVariant], file: StudyFile, problems: Problems
) -> list[tuple[PlannedVariant, dict[str, Any] | None]]:
    """The parents that `start` names: (variant, None) for each variant of the study.

    For a stored run, the pair is (a variant with the run's settings, the settings as stored). Mistakes are reported.
    """
    place = ("variants", entry, "continue_from")
    if start.run is not None:
        try:
            stored = stored_run(start.run)
        except UserError as error:
            problems.add((*place, "run"), " ".join(error.sentences))
            return []
        labels = frozenset(dataset.label for dataset in file.datasets if dataset.ref == stored["dataset"])
        if not labels:
            problems.add((*place, "run"), "is a run on a data set that the study does not have; add it to datasets.")
        settings = {
            key: value for key, value in with_defaults(stored).items() if key not in ("dataset", "device", "seed")
        }
        return [(PlannedVariant(entry, start.run, frozenset(), settings, labels), stored)]
    parents: list[tuple[PlannedVariant, dict[str, Any] | None]] = []
    for name in start.variant or ():
        matches = [variant for variant in planned if name in variant.names]
        # `kept` shows that items with mistakes were removed. Then the name may belong to a removed item.
        if not matches and "variants" not in problems.kept:
            known = sorted({name for variant in planned for name in variant.names})
            problems.add((*place, "variant"), unknown_name("variant above this one", name, known))
        parents += [(variant, None) for variant in matches]
    return parents


def start_of(
    variant: PlannedVariant, before: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> dict[str, Any]:
    """Settings of a variant on a data set before its overrides.

    A variant that continues another variant starts from the settings of this parent after overrides. `before`: label of
    a variant -> its settings on this data set after overrides, as (complete settings, settings as stored).
    """
    parent = variant.parent
    if parent is None:
        return variant.settings
    if parent.settings is not None:
        return with_parent(variant.settings, parent, parent.settings)
    complete, stored = before[parent.label]
    own = {key: variant.settings[key] for key in OWN if key in variant.settings}
    # Wrong changes were already reported when the variant was planned.
    settings = child_settings(complete, own, parent.changes, Problems(""), variant.entry)
    return with_parent(settings, parent, stored)


def check_datasets(file: StudyFile, problems: Problems) -> None:
    """Report labels of data sets that variants name but the study does not have."""
    labels = [dataset.label for dataset in file.datasets]
    for i, variant in enumerate(file.variants):
        for label in variant.datasets or ():
            if label not in labels:
                problems.add(("variants", i, "datasets"), unknown_name("data set label", label, labels))


def _count(variant: VariantItem) -> int:
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
    """The preset's settings `start` after the item's changes `given`. Missing or unread keys are reported."""
    settings, taken = changed(start, given, problems, ("variants", entry))
    method = slug(settings["method"])
    for key in given.keys() - taken:
        problems.add(("variants", entry, key), f"preset {preset.name!r}: {unused_key_sentence(method, key)}")
    if missing := " and ".join(missing_keys(settings)):
        text = f"preset {preset.name!r} has no {missing}, which method {method!r} needs; set it in this item too."
        problems.add(("variants", entry), text)
    return settings


def _check_names(file: StudyFile, problems: Problems) -> None:
    """Report two items that have the same name and run on a common data set."""
    everywhere = frozenset(dataset.label for dataset in file.datasets)
    first: dict[tuple[str, str], int] = {}
    for i, variant in enumerate(file.variants):
        places = everywhere if (named := _datasets(variant)) is None else named
        taken = [first.setdefault((variant.name, place), i) for place in sorted(places) if variant.name is not None]
        if other := [entry for entry in taken if entry != i]:
            where = problems.path(("variants", other[0]))
            sentence = f"{show(variant.name)} is the name of {where} too; give it another name or other data sets."
            problems.add(("variants", i, "name"), sentence)


def _check_labels(pairs: list[tuple[int, Named]], labels: list[str], problems: Problems) -> None:
    before: dict[str, list[tuple[int, Named]]] = {}
    for (i, named), label in zip(pairs, labels, strict=True):
        for other, earlier in before.get(label, ()):
            # Items with the same given name are checked by _check_names.
            apart = i != other and named.name is not None and named.name == earlier.name
            # Two variants with the same label and settings are one cell. This is reported when cells are built.
            if earlier.settings != named.settings and not apart:
                where = problems.path(("variants", other))
                problems.add(("variants", i), f"label {show(label)} is used by {where} too; give one of them a name.")
                break
        before.setdefault(label, []).append((i, named))
