"""From a study to its plan: every cell with its settings and id, and the chunks that train in one job."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gan_bench.config.grammar.problems import Problems
from gan_bench.config.grammar.reference import Ref
from gan_bench.config.grammar.study import Study
from gan_bench.config.plan.cells import PlannedCell, build
from gan_bench.config.plan.shows import shown_figures
from gan_bench.files import digest_of


@dataclass(frozen=True)
class Plan:
    """All that a study asks for. `datasets` maps a label to {"ref", "id", "shape", "labelled"}."""

    study: str
    description: str
    datasets: dict[str, dict[str, Any]]
    evaluation: dict[str, Any]
    cells: list[PlannedCell]
    figures: list[Ref]
    chunk: int

    def chunks(self) -> Iterator[tuple[PlannedCell, int, list[int]]]:
        """(cell, k, seeds[k*chunk:(k+1)*chunk]) for each training job: a seed added at the end leaves the others."""
        for cell in self.cells:
            for k, start in enumerate(range(0, len(cell.seeds), self.chunk)):
                yield cell, k, cell.seeds[start : start + self.chunk]

    def to_json(self) -> dict[str, Any]:
        """The content of plan.json; `config_digest` is the digest of all the rest.

        Chunks, and how figures look, are not part of it: neither changes what the tables hold.
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
    """What samples are scored by, of a plan's "evaluation": all of it but the extractors, which differ by data set."""
    return {key: value for key, value in evaluation.items() if key not in ("extractor", "other_extractors")}


def expand(study: Study, device: str = "cpu") -> Plan:
    """The plan of a study on `device` (cpu or cuda). UserError with every reason why it cannot be carried out."""
    problems = Problems(study.name)
    # Cells that the check built serve once, and for the device that it built them for.
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
            # Named only where asked for: a study without it keeps its digests.
            **({} if evaluation.validation is None else {"validation": evaluation.validation}),
            "extractor": grid.extractors,
            **({"other_extractors": grid.other_extractors} if any(grid.other_extractors.values()) else {}),
        },
        cells=grid.cells,
        figures=shown_figures(grid, evaluation.metrics) if study.figures is None else study.figures,
        chunk=study.chunk,
    )
