"""From a study to its plan: every cell with its settings and id, and the chunks that train in one job."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench import registry
from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import Ref, resolve
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.cells import CellGrid, PlannedCell, build
from gan_bench.config.plan.costs import seeds_of_a_job
from gan_bench.files import canonical_json, digest_of


@dataclass(frozen=True)
class Plan:
    """The complete plan of a study. `datasets` maps a label to {"ref", "id", "shape", "labelled"}."""

    study: str
    description: str
    datasets: dict[str, dict[str, Any]]
    evaluation: dict[str, Any]
    cells: list[PlannedCell]
    figures: list[Ref]
    chunk: int | None

    def chunks(self) -> Iterator[tuple[PlannedCell, int, list[int]]]:
        """(cell, k, seeds[k*chunk:(k+1)*chunk]) for each training job. A seed added at the end changes no other job."""
        for cell in self.cells:
            chunk = self.chunk or seeds_of_a_job(cell.settings, self.datasets[cell.dataset]["shape"])
            for k, start in enumerate(range(0, len(cell.seeds), chunk)):
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
        return {**plan, "config_digest": digest_of(plan)}


def scoring_protocol(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The scoring protocol in a plan's "evaluation": all keys but the extractors, which differ by data set."""
    return {key: value for key, value in evaluation.items() if key not in ("extractor", "other_extractors")}


def expand(study: Study, device: str = "cpu") -> Plan:
    """The plan of a study on `device` (cpu or cuda). UserError with every reason why it cannot run."""
    problems = Problems(study.name)
    # Cells that the check built are used once, and only for the same device.
    grid, study._grid = study._grid, None
    if grid is None or device != "cpu":
        grid = build(study, problems, device)
    problems.raise_if_any()
    evaluation = study.evaluation
    return Plan(
        study=study.name,
        description=study.description,
        datasets=grid.datasets,
        evaluation={
            "metrics": evaluation.metrics,
            "split": evaluation.split,
            "n_samples": evaluation.n_samples,
            # Left out if not set, so that studies without it keep their digests.
            **({} if evaluation.validation is None else {"validation": evaluation.validation}),
            "extractor": grid.extractors,
            **({"other_extractors": grid.other_extractors} if any(grid.other_extractors.values()) else {}),
        },
        cells=grid.cells,
        figures=_figures(study.figures, shown_figures(grid, evaluation.metrics)),
        chunk=study.chunk,
    )


Settings = dict[str, Any]

#: Largest number of figures that a study draws unless it names more.
MOST_FIGURES = 8

#: Axes of the grid, by their keys in a cell's settings.
AXES = ("model", "loss", "penalty", "tricks")


def _figures(written: list[Ref] | None, shown: list[Ref]) -> list[Ref]:
    """The figures that a study names; of those that it names by default, the ones that have something to show."""
    names = {ref["name"] for ref in shown}
    kept = [ref for ref in written or () if not ref.get("default") or ref["name"] in names]
    return shown if written is None else [{k: v for k, v in ref.items() if k != "default"} for ref in kept]


def shown_figures(grid: CellGrid, metrics: Sequence[Ref]) -> list[Ref]:
    """References of the first MOST_FIGURES figures by the "order" in their FACTS whose conditions ("when") all hold.

    Figures without an order are drawn on request only.
    """
    true = {name for name, holds in CONDITIONS.items() if holds(grid, metrics)}
    ordered = sorted(
        (figure.facts["order"], figure.name)
        for figure in registry.components("figures")
        if "order" in figure.facts and set(figure.facts.get("when", ())) <= true
    )
    return [resolve("figures", name) for _, name in ordered[:MOST_FIGURES]]


def _varies(cells: Iterable[PlannedCell], key: str) -> bool:
    """Whether the cells of some data set have more than one value of a key."""
    return any(len(values) > 1 for values in _by_dataset(cells, lambda cell: cell.settings[key]).values())


def _by_dataset(cells: Iterable[PlannedCell], value: Callable[[PlannedCell], Any]) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for cell in cells:
        values.setdefault(cell.dataset, set()).add(canonical_json(value(cell)))
    return values


def _sweep(grid: CellGrid, _metrics: Sequence[Ref]) -> bool:
    """Whether two cells differ only in learning rates or budget."""
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
    "pictures": lambda grid, _: any(not _points(dataset) for dataset in grid.datasets.values()),
    "seeds": lambda grid, _: any(len(cell.seeds) > 1 for cell in grid.cells),
    "sweep": _sweep,
    "three variants": lambda grid, _: _variants(grid, 3),
    "training": lambda grid, _: any(cell.settings["budget"] for cell in grid.cells),
    "variants": lambda grid, _: _variants(grid, 2),
}
