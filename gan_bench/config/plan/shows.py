"""Which figures have something to show of a study: those that it draws where it names none."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gan_bench import registry
from gan_bench.config.grammar.reference import Ref, resolve
from gan_bench.config.plan.cells import CellGrid, PlannedCell
from gan_bench.files import canonical_json

Settings = dict[str, Any]

#: Axes of the grid, by their keys in a cell's settings.
AXES = ("model", "loss", "penalty", "tricks")


def shown_figures(grid: CellGrid, metrics: Sequence[Ref]) -> list[Ref]:
    """References of the figures of which every condition that their file names under "when" holds, sorted by name."""
    true = {name for name, holds in CONDITIONS.items() if holds(grid, metrics)}
    names = [figure.name for figure in registry.components("figures") if set(figure.facts.get("when", ())) <= true]
    return [resolve("figures", name) for name in names]


def _varies(cells: Iterable[PlannedCell], key: str) -> bool:
    """Whether some data set is trained on with more than dataset value of a key."""
    return any(len(values) > 1 for values in _by_dataset(cells, lambda cell: cell.settings[key]).values())


def _by_dataset(cells: Iterable[PlannedCell], value: Callable[[PlannedCell], Any]) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for cell in cells:
        values.setdefault(cell.dataset, set()).add(canonical_json(value(cell)))
    return values


def _sweep(grid: CellGrid, _metrics: Sequence[Ref]) -> bool:
    """Whether two cells differ in their learning rates or budget alone."""
    seen = [(cell.dataset, canonical_json(_without_amounts(cell.settings))) for cell in grid.cells]
    return len(set(seen)) < len(seen)


def _without_amounts(settings: Settings) -> Settings:
    bare = {
        key: {name: value for name, value in (settings[key] or {}).items() if name != "lr"}
        for key in ("g_optimizer", "d_optimizer")
    }
    return {**settings, **bare, "budget": sorted(settings["budget"] or {})}


def _values(metrics: Sequence[Ref]) -> int:
    return sum(len(registry.component("metrics", ref["name"]).facts["values"]) for ref in metrics)


def _variants(grid: CellGrid, least: int) -> bool:
    return any(len(values) >= least for values in _by_dataset(grid.cells, lambda cell: cell.id).values())


def _points(dataset: dict[str, Any]) -> bool:
    return bool(dataset["shape"]) and list(dataset["shape"][1:]) == [1, 1]


#: What a figure's file may name under "when" -> whether it holds of a study.
CONDITIONS: dict[str, Callable[[CellGrid, Sequence[Ref]], bool]] = {
    "axes": lambda grid, _: any(_varies(grid.cells, key) for key in AXES) and _variants(grid, 3),
    "checkpoints": lambda grid, _: any(cell.settings["checkpoints"] for cell in grid.cells),
    "five data sets": lambda grid, _: len({cell.dataset for cell in grid.cells}) >= 5,
    "losses": lambda grid, _: _varies(grid.cells, "loss"),
    "metrics": lambda _, metrics: _values(metrics) > 1,
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
