"""Builds the cells of a study (each variant on each data set, after overrides) and reports impossible combinations."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from gan_bench.config.checks.combinations import DataFacts, clashes, describe, extractor_clash, extractor_of
from gan_bench.config.checks.metric_facts import metric_mistakes
from gan_bench.config.grammar.method_keys import stored_settings
from gan_bench.config.grammar.problems import Problems, show
from gan_bench.config.grammar.reference import Ref, resolve, short_digest, slug
from gan_bench.config.grammar.study import StudyFile
from gan_bench.config.plan.continued import completed
from gan_bench.config.plan.minutes import in_steps
from gan_bench.config.plan.overrides import apply_overrides, check_overrides
from gan_bench.config.plan.variants import PlannedVariant, check_datasets, planned_variants, start_of
from gan_bench.errors import UserError
from gan_bench.run_keys import BY_NAME, COMPONENT_KEYS


@dataclass(frozen=True)
class PlannedCell:
    """A cell (one variant on one data set): the settings of its runs without seed, and the list of seeds."""

    dataset: str
    id: str
    variant: str
    settings: dict[str, Any]
    seeds: list[int]

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class CellGrid:
    """The cells and the search of a study.

    The keys of three fields are labels of data sets. `datasets` has their entries in plan.json, `extractors` their main
    extractors, and `other_extractors` their further extractors.
    """

    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    extractors: dict[str, Ref] = field(default_factory=dict)
    other_extractors: dict[str, list[Ref]] = field(default_factory=dict)
    cells: list[PlannedCell] = field(default_factory=list)
    search: Any = None


def cell_id(settings: dict[str, Any]) -> str:
    """ "[<method>-][<model>-][<loss>-][<penalty>-][<g_opt>-][<d_opt>-]<8 hex>" of settings without a seed.

    Absent components have no part in the id. The method adversarial, the penalty none, and a D optimizer with the same
    name as G's are left out too. The 8 hex digits are a digest of the settings only. They do not depend on the study's
    name, the order of keys, the preset, or the folders of users' component files.
    """
    names = {key: slug(settings[key]) for key in COMPONENT_KEYS if settings[key] is not None}
    usual = {key: BY_NAME[key].default for key in names} | {"d_optimizer": names.get("g_optimizer")}
    return "-".join([*(name for key, name in names.items() if usual.get(key) != name), short_digest(settings)])


def dataset_id(ref: Ref) -> str:
    """ "<component>-<8 hex>" of a data set's reference. This is the name of its folder below results/data."""
    return f"{slug(ref)}-{short_digest(ref)}"


def build(file: StudyFile, problems: Problems, device: str = "cpu", *, complete: bool = True) -> CellGrid:
    """All cells of a study. Reasons why the study cannot run are added to `problems`.

    `complete` is False if items with mistakes were removed from the file. Then mistakes that the removal could cause,
    such as an override that matches no run, are not reported.
    """
    grid = CellGrid()
    facts = _add_datasets(file, grid, problems)
    variants = planned_variants(file, problems)
    labels = [dataset.label for dataset in file.datasets]
    misnamed: set[int] = set()
    if complete:
        check_datasets(file, problems)
        misnamed = check_overrides(file, labels, variants, problems)
    first: dict[tuple[str, str], int] = {}
    used: set[int] = set()
    taken: set[tuple[int, str]] = set()
    for dataset in file.datasets:
        scoring = _scoring(file, grid, dataset.label)
        before: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        for variant in [variant for variant in variants if variant.runs_on(dataset.label)]:
            if variant.parent is not None and variant.parent.settings is None and variant.parent.label not in before:
                continue  # the parent's variant does not run on this data set
            settings = {"dataset": dataset.ref, **start_of(variant, before), "device": device}
            applied = apply_overrides(file, dataset.label, variant, settings, problems)
            used.update(applied.overrides)
            taken |= applied.taken
            # Copied, so that neither two cells nor the two optimizers of a cell share a mapping that a caller may
            # change.
            settings = {key: deepcopy(value) for key, value in stored_settings(applied.settings).items()}
            settings["budget"] = _budget(settings, file, problems)
            settings = completed(settings, scoring, problems, ("variants", variant.entry))
            before[variant.label] = applied.settings, settings
            cell = PlannedCell(dataset.label, cell_id(settings), variant.label, settings, list(file.seeds))
            grid.cells.append(cell)
            _check_repeated(cell, variant, first, problems)
            if dataset.label in facts:
                _check_clashes(cell, applied.overrides, facts[dataset.label], variant, file, problems)
    if complete and variants:
        for i in set(range(len(file.overrides))) - misnamed:
            if i not in used:
                problems.add(("overrides", i, "when"), "matches no run of the study; correct it or take it out.")
            for key in file.overrides[i].set.model_fields_set if i in used else ():
                if (i, key) not in taken:
                    problems.add(("overrides", i, "set", key), "is not read by any run that matches; take it out.")
    return grid


def _scoring(file: StudyFile, grid: CellGrid, label: str) -> dict[str, Any]:
    """The study's extractor, split and validation share for a data set. They are defaults of `early_stop`."""
    evaluation = file.evaluation
    values = {"extractor": grid.extractors.get(label), "split": evaluation.split, "validation": evaluation.validation}
    return {key: value for key, value in values.items() if value is not None}


def _budget(settings: dict[str, Any], file: StudyFile, problems: Problems) -> dict[str, Any]:
    """The budget of a cell, with minutes converted to steps. A variant that was not timed is reported in `problems`."""
    budget = in_steps(settings, {} if file._speeds is None else file._speeds)
    if budget is None and settings["budget"]:
        problems.add(("budget",), "is in minutes, and a variant has not been timed yet; run gan-bench check first.")
    return settings["budget"] if budget is None else budget


def check_parts(file: StudyFile, problems: Problems) -> None:
    """Report mistakes in metrics, data sets and variants that can be found without building cells."""
    _add_datasets(file, CellGrid(), problems)
    planned_variants(file, problems)


def _add_datasets(file: StudyFile, grid: CellGrid, problems: Problems) -> dict[str, DataFacts]:
    for sentence in metric_mistakes(file.evaluation.metrics):
        problems.add(("evaluation", "metrics"), sentence)
    facts: dict[str, DataFacts] = {}
    labels: dict[str, int] = {}
    ids: dict[str, int] = {}
    for i, dataset in enumerate(file.datasets):
        label, place = dataset.label, ("datasets", i)
        # On some file systems, labels that differ only in upper and lower case are the same folder.
        if (same := labels.setdefault(label.lower(), i)) != i:
            where = problems.path(("datasets", same))
            problems.add(place, f"label {show(label)} is the label of {where} too; give one of them another label.")
        if (same := ids.setdefault(dataset_id(dataset.ref), i)) != i:
            where = problems.path(("datasets", same))
            problems.add(place, f"{label!r} is the same data set with the same settings as {where}; take one out.")
        try:
            facts[label] = describe(dataset.ref)
        except UserError as error:
            problems.add(place, " ".join(error.sentences))
            continue
        shape, labelled = list(facts[label].shape), facts[label].labelled
        grid.datasets[label] = {"ref": dataset.ref, "id": dataset_id(dataset.ref), "shape": shape, "labelled": labelled}
        wanted = file.evaluation.extractor
        refs: list[Ref] = []
        for item in wanted if isinstance(wanted, list) else [wanted]:
            ref = resolve("features", extractor_of(item, facts[label]))
            refs += [] if ref in refs else [ref]
            if clash := extractor_clash(ref, label, facts[label]):
                problems.add(("evaluation", "extractor"), clash)
        grid.extractors[label], grid.other_extractors[label] = refs[0], refs[1:]
    return facts


def _check_repeated(
    cell: PlannedCell, variant: PlannedVariant, first: dict[tuple[str, str], int], problems: Problems
) -> None:
    key = (cell.dataset, cell.id)
    if key not in first:
        first[key] = variant.entry
        return
    where = problems.path(("variants", first[key]))
    other = "lists the same settings twice" if first[key] == variant.entry else f"has the same settings as {where}"
    problems.add(("variants", variant.entry), f"{other} on data set {cell.dataset!r}; take one out.")


def _check_clashes(
    cell: PlannedCell,
    overrides: list[int],
    data: DataFacts,
    variant: PlannedVariant,
    file: StudyFile,
    problems: Problems,
) -> None:
    notes = [f"preset {variant.preset!r} on data set {cell.dataset!r}"] if variant.preset else []
    if changed := ", ".join(problems.path(("overrides", i)) for i in overrides):
        notes.append(f"settings after {changed}")
    note = f" ({'; '.join(notes)}.)" if notes else ""
    for key, sentence in clashes(cell.settings, data):
        # A key that only the preset sets has no place in the file.
        place = (key,) if variant.preset is None or key in file.variants[variant.entry].model_fields_set else ()
        problems.add(("variants", variant.entry, *place), sentence + note)
