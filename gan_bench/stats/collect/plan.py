"""What a study asked for: its runs and metric values, read from plan.json."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.registry import component, stem

#: Settings of a cell that name a component, and are columns of the table of runs.
PARTS = ("method", "model", "loss", "penalty", "g_optimizer", "d_optimizer")


@dataclass(frozen=True)
class Asked:
    """One run of the plan; `folder` is where its files belong, `settings` are its cell's."""

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
        """How messages call it, unique within the study."""
        return f"{self.dataset}/{self.cell}/seed{self.seed}"

    @property
    def key(self) -> dict[str, Any]:
        """The columns that tell runs apart, and the display label."""
        return {"dataset": self.dataset, "cell": self.cell, "variant": self.variant, "seed": self.seed}

    @property
    def parts(self) -> dict[str, str | None]:
        """Short names of the components, by their column; None where the method uses none. Tricks are joined by +."""
        refs = {part: self.settings[part] for part in PARTS}
        names = {part: None if ref is None else stem(ref["name"]) for part, ref in refs.items()}
        return {**names, "tricks": "+".join(stem(ref["name"]) for ref in self.settings["tricks"]) or None}


def read_plan(study_folder: Path) -> dict[str, Any]:
    """plan.json of a study's folder; UserError when it is not there."""
    plan: dict[str, Any] = read_json(study_folder / paths.PLAN)
    return plan


def asked_runs(plan: Mapping[str, Any], study_folder: Path) -> list[Asked]:
    """Every run of the plan, in its order."""
    return list(each_asked(plan, study_folder))


def each_asked(plan: Mapping[str, Any], study_folder: Path) -> Iterator[Asked]:
    """The same runs, one at a time."""
    for cell in plan["cells"]:
        for seed in cell["seeds"]:
            yield Asked(
                study=plan["study"],
                dataset=cell["dataset"],
                cell=cell["id"],
                variant=cell["variant"],
                seed=seed,
                settings=cell["settings"],
                folder=paths.seed_folder(study_folder / "runs" / cell["dataset"] / cell["id"], seed),
            )


def asked_values(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per metric value that the plan's metrics declare: metric, label, direction, low, high, unit, estimator.

    UserError when two of the metrics report a value of the same name: nothing would tell their numbers apart.
    """
    rows: dict[str, dict[str, Any]] = {}
    for ref in plan["evaluation"]["metrics"]:
        facts = component("metrics", ref["name"]).facts
        for name, value in facts["values"].items():
            if name in rows:
                raise UserError(f"plan.json: two metrics report a value {name!r}; ask for one of them.")
            low, high = value["range"]
            rows[name] = {
                "metric": name,
                "label": value["label"],
                "direction": value["direction"],
                "low": low,
                "high": high,
                "unit": value.get("unit", ""),
                "estimator": facts["estimator"],
            }
    return list(rows.values())
