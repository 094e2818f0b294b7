"""The plan of a study: all cells with settings and ids, and the chunks (some seeds of a cell, one training job)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gan_bench import registry
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import Ref, resolve
from gan_bench.config.grammar.search import FIRST_SEEDS
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.cells import CellGrid, PlannedCell
from gan_bench.config.plan.costs import seeds_of_a_job
from gan_bench.config.plan.searched import build_with_search
from gan_bench.config.plan.trials import FIRST_TRIAL_CHUNK, SearchPlan
from gan_bench.files import canonical_json, digest_of


@dataclass(frozen=True)
class Plan:
    """The complete plan of a study. `datasets` maps a label to {"ref", "id", "shape", "labelled"}.

    In a study with a search, `start` has the cells as they are without the search. `cells` has only the cells whose
    settings are known. After the last stage of the search, all settings are known.
    """

    study: str
    description: str
    datasets: dict[str, dict[str, Any]]
    evaluation: dict[str, Any]
    cells: list[PlannedCell]
    figures: list[Ref]
    chunk: int | None
    search: SearchPlan | None = None
    start: tuple[PlannedCell, ...] = ()

    @property
    def trial_cells(self) -> list[PlannedCell]:
        """The cells of the trials that are planned so far."""
        return [] if self.search is None else self.search.cells()

    def after_search(self, study_folder: Path | str) -> "Plan":
        """The same plan with the results of the search stages that are finished in a study's folder."""
        return self if self.search is None else self._with(self.search.read(study_folder))

    def before_stage(self, stage: int) -> "Plan":
        """The plan as it is before stage number `stage` (from 1) of the search."""
        return self if self.search is None else self._with(self.search.after(self.search.documents[: stage - 1]))

    def _with(self, search: SearchPlan) -> "Plan":
        chosen, searched = by_variant(search.chosen()), {space.key for space in search.spaces}
        cells = []
        for cell in self.start:
            key = (cell.dataset, cell.variant)
            cells += chosen.get(key, []) if key in searched else [cell]
        return replace(self, search=search, cells=cells)

    def as_if_chosen(self) -> "Plan":
        """For estimates: the plan with all its trials, and with cells as if the search changed no settings."""
        return self if self.search is None else replace(self, cells=list(self.start), search=self.search.whole())

    def chunks(self) -> Iterator[tuple[PlannedCell, int, list[int]]]:
        """Yield (cell, k, seeds) for each training job.

        k counts the jobs of a cell: from 0, or from FIRST_TRIAL_CHUNK if the cell belongs to a trial.

        A seed that is added to the end of the study's seeds joins each cell's last job. If that job is full, the cell
        gets a new job.
        """
        for cell in self.cells:
            chunk = self.chunk or seeds_of_a_job(cell.settings, self.datasets[cell.dataset]["shape"])
            for k, start in enumerate(range(0, len(cell.seeds), chunk)):
                yield cell, k, cell.seeds[start : start + chunk]
        for cell in self.trial_cells:
            chunk = self.chunk or seeds_of_a_job(cell.settings, self.datasets[cell.dataset]["shape"])
            # With wilcoxon, a trial gets more seeds only if its first seeds score well. So no chunk has
            # more than FIRST_SEEDS seeds.
            chunk = min(chunk, FIRST_SEEDS) if self.search and self.search.spec.pruner == "wilcoxon" else chunk
            for k, start in enumerate(range(0, len(cell.seeds), chunk), FIRST_TRIAL_CHUNK):
                yield cell, k, cell.seeds[start : start + chunk]

    def to_json(self) -> dict[str, Any]:
        """The content of plan.json; `config_digest` is the digest of all other keys.

        Chunks and settings of figures are left out, because they do not change the tables.
        """
        plan = {
            "study": self.study,
            "description": self.description,
            "datasets": self.datasets,
            "evaluation": self.evaluation,
            "cells": [cell.to_json() for cell in self.cells],
            "figures": [{"name": ref["name"]} for ref in self.figures],
        }
        if self.search is not None:
            plan["search"] = self.search.to_json()
        return {**plan, "config_digest": digest_of(plan)}

    @property
    def written_digest(self) -> str:
        """The plan's config_digest. In a study with a search, it is that of the plan before the first stage."""
        return str(self.before_stage(1).to_json()["config_digest"])


def expand(study: Study, device: str = "cpu") -> Plan:
    """The plan of a study on `device` (cpu or cuda). UserError with the reasons why the study cannot run."""
    problems = Problems(study.name)
    # load_study may have built the cells for the device "cpu". They are used at most once.
    grid, study._grid = study._grid, None
    if grid is None or device != "cpu":
        grid = build_with_search(study, problems, device)
    problems.raise_if_any()
    evaluation = study.evaluation
    plan = Plan(
        study=study.name,
        description=study.description,
        datasets=grid.datasets,
        evaluation={
            "metrics": evaluation.metrics,
            "split": evaluation.split,
            "n_samples": evaluation.n_samples,
            # The key is left out if it is not set. Otherwise the digests of older studies would change.
            **({} if evaluation.validation is None else {"validation": evaluation.validation}),
            "extractor": grid.extractors,
            **({"other_extractors": grid.other_extractors} if any(grid.other_extractors.values()) else {}),
        },
        cells=grid.cells,
        figures=_figures(study.figures, shown_figures(grid, evaluation.metrics)),
        chunk=study.chunk,
    )
    return plan if grid.search is None else replace(plan, start=tuple(grid.cells))._with(grid.search)


def by_variant(cells: Iterable[PlannedCell]) -> dict[tuple[str, str], list[PlannedCell]]:
    """The cells by data set and variant."""
    groups: dict[tuple[str, str], list[PlannedCell]] = {}
    for cell in cells:
        groups.setdefault((cell.dataset, cell.variant), []).append(cell)
    return groups


Settings = dict[str, Any]

#: Largest number of figures that are drawn if the study does not name its figures.
MOST_FIGURES = 8

#: Keys of a cell's settings that are axes of the study's grid.
AXES = ("model", "loss", "penalty", "tricks")


def _figures(written: list[Ref] | None, shown: list[Ref]) -> list[Ref]:
    """The figures to draw: `shown` if the study has no key `figures`, otherwise the figures in `written`.

    If the study asks for the default figures and for others, `written` marks the default ones (see `each_figure`). A
    marked figure is drawn only if it is also in `shown`.
    """
    names = {ref["name"] for ref in shown}
    kept = [ref for ref in written or () if not ref.get("default") or ref["name"] in names]
    return shown if written is None else [{k: v for k, v in ref.items() if k != "default"} for ref in kept]


def shown_figures(grid: CellGrid, metrics: Sequence[Ref]) -> list[Ref]:
    """The figures that a study gets by default: at most MOST_FIGURES, in the order of "order" in their FACTS.

    Only figures whose conditions in "when" are all true are included. Figures without "order" are not included.
    """
    true = {name for name, holds in CONDITIONS.items() if holds(grid, metrics)}
    ordered = sorted(
        (figure.facts["order"], figure.name)
        for figure in registry.components("figures")
        if "order" in figure.facts and set(figure.facts.get("when", ())) <= true
    )
    return [resolve("figures", name) for _, name in ordered[:MOST_FIGURES]]


def _varies(cells: Iterable[PlannedCell], key: str) -> bool:
    """Whether, on at least one data set, the cells have different values of a key."""
    return any(len(values) > 1 for values in _by_dataset(cells, lambda cell: cell.settings[key]).values())


def _by_dataset(cells: Iterable[PlannedCell], value: Callable[[PlannedCell], Any]) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for cell in cells:
        values.setdefault(cell.dataset, set()).add(canonical_json(value(cell)))
    return values


def _sweep(grid: CellGrid, _metrics: Sequence[Ref]) -> bool:
    """Whether two cells of a data set differ only in learning rates or in the size of the budget."""
    seen = [(cell.dataset, canonical_json(_without_amounts(cell.settings))) for cell in grid.cells]
    return len(set(seen)) < len(seen)


def _without_amounts(settings: Settings) -> Settings:
    bare = {
        key: {name: value for name, value in (settings[key] or {}).items() if name != "lr"}
        for key in ("g_optimizer", "d_optimizer")
    }
    return {**settings, **bare, "budget": sorted(settings["budget"] or {})}


def _variants(grid: CellGrid, least: int) -> bool:
    return any(len(values) >= least for values in _by_dataset(grid.cells, lambda cell: cell.id).values())


def _points(dataset: dict[str, Any]) -> bool:
    return bool(dataset["shape"]) and list(dataset["shape"][1:]) == [1, 1]


#: Condition in a figure's "when" -> whether a study meets it.
CONDITIONS: dict[str, Callable[[CellGrid, Sequence[Ref]], bool]] = {
    "axes": lambda grid, _: any(_varies(grid.cells, key) for key in AXES) and _variants(grid, 3),
    "checkpoints": lambda grid, _: any(cell.settings["checkpoints"] for cell in grid.cells),
    "continuations": lambda grid, _: any("continue_from" in cell.settings for cell in grid.cells),
    "five data sets": lambda grid, _: len({cell.dataset for cell in grid.cells}) >= 5,
    "losses": lambda grid, _: _varies(grid.cells, "loss"),
    "metrics": lambda _, refs: sum(len(registry.component("metrics", r["name"]).facts["values"]) for r in refs) > 1,
    "modes": lambda grid, _: any(dataset["labelled"] or _points(dataset) for dataset in grid.datasets.values()),
    "networks": lambda grid, _: any(cell.settings["model"] for cell in grid.cells),
    "optimizers": lambda grid, _: _varies(grid.cells, "g_optimizer") or _varies(grid.cells, "d_optimizer"),
    "search": lambda grid, _: grid.search is not None,
    "pictures": lambda grid, _: any(not _points(dataset) for dataset in grid.datasets.values()),
    "seeds": lambda grid, _: any(len(cell.seeds) > 1 for cell in grid.cells),
    "sweep": _sweep,
    "three variants": lambda grid, _: _variants(grid, 3),
    "training": lambda grid, _: any(cell.settings["budget"] for cell in grid.cells),
    "variants": lambda grid, _: _variants(grid, 2),
}
