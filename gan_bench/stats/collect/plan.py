"""Reads plan.json: the runs and metric values of a study."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.registry import component, stem
from gan_bench.stats.estimate.scales import SCALES, default_scale

#: Settings of a cell (one variant on one data set) that name a component and are columns of runs.csv.
PARTS = ("method", "model", "loss", "penalty", "g_optimizer", "d_optimizer")


@dataclass(frozen=True)
class PlannedRun:
    """One run of the plan. `folder` contains its files; `settings` are the settings of its cell, without the seed."""

    study: str
    dataset: str
    cell: str
    variant: str
    seed: int
    settings: Mapping[str, Any]
    folder: Path

    @property
    def history_file(self) -> Path:
        return self.folder / paths.HISTORY

    @property
    def name(self) -> str:
        """Name of the run in messages, unique within the study."""
        return f"{self.dataset}/{self.cell}/seed{self.seed}"

    @property
    def key(self) -> dict[str, Any]:
        """Column -> value, for the columns that identify the run (data set, cell, seed), and for its variant."""
        return {"dataset": self.dataset, "cell": self.cell, "variant": self.variant, "seed": self.seed}

    @property
    def parts(self) -> dict[str, str | None]:
        """Column of runs.csv -> short name of the run's component on that axis; None if the run has none.

        Several tricks are joined by "+".
        """
        refs = {part: self.settings[part] for part in PARTS}
        names = {part: None if ref is None else stem(ref["name"]) for part, ref in refs.items()}
        return {**names, "tricks": "+".join(stem(ref["name"]) for ref in self.settings["tricks"]) or None}


def read_plan(study_folder: Path) -> dict[str, Any]:
    """Read plan.json of a study's folder; UserError if it is missing or damaged."""
    return read_json(study_folder / paths.PLAN)


def planned_runs(plan: Mapping[str, Any], study_folder: Path) -> Iterator[PlannedRun]:
    """Every run of the plan, in the order of the plan."""
    for cell in plan["cells"]:
        for seed in cell["seeds"]:
            yield PlannedRun(
                study=plan["study"],
                dataset=cell["dataset"],
                cell=cell["id"],
                variant=cell["variant"],
                seed=seed,
                settings=cell["settings"],
                folder=paths.seed_folder(study_folder / "runs" / cell["dataset"] / cell["id"], seed),
            )


def all_runs(plan: Mapping[str, Any], study_folder: Path) -> Iterator[PlannedRun]:
    """Every run of the plan, then the runs of all trials if the plan has a search of settings."""
    return planned_runs({**plan, "cells": all_cells(plan)}, study_folder)


def all_cells(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of the plan, then the cells of all trials if the plan has a search of settings."""
    return [*plan["cells"], *plan.get("search", {}).get("cells", [])]


def planned_values(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row for each metric value of the plan: metric, label, direction, low, high, unit, estimator, scale.

    Raises:
        UserError: if two metrics of the plan report a value of the same name, or if a scale is unknown or does not fit
            the range of its metric value.
    """
    rows: dict[str, dict[str, Any]] = {}
    for ref in plan["evaluation"]["metrics"]:
        facts = component("metrics", ref["name"]).facts
        for name, value in facts["values"].items():
            if name in rows:
                raise UserError(f"plan.json: two metrics report a value {name!r}; name only one of them in the study.")
            low, high = value["range"]
            rows[name] = {
                "metric": name,
                "label": value["label"],
                "direction": value["direction"],
                "low": low,
                "high": high,
                "unit": value.get("unit", ""),
                "estimator": facts["estimator"],
                "scale": _scale(name, value),
            }
    return list(rows.values())


def _scale(name: str, value: Mapping[str, Any]) -> str:
    """Scale of a metric value: the declared scale, or the default for its range."""
    low, high = value["range"]
    scale = str(value.get("scale") or default_scale(low, high))
    if scale not in SCALES:
        raise UserError(f"metric value {name!r}: unknown scale {scale!r}; valid: {', '.join(SCALES)}.")
    if (scale == "log" and (low is None or low < 0)) or (scale == "logit" and (low, high) != (0, 1)):
        fitting = "a range that starts at 0 or above" if scale == "log" else "the range [0, 1]"
        raise UserError(f"metric value {name!r}: scale {scale!r} needs {fitting}, and the range is [{low}, {high}].")
    return scale
