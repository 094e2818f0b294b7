"""Sweeps of a study: cells that differ only in the learning rate or the budget."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.files import canonical_json
from gan_bench.report.tables_input import PlannedCell

#: Between the parts of a variant's label.
DOT = " \N{MIDDLE DOT} "
UNITS = {"g_steps": "generator steps", "d_steps": "discriminator steps", "images": "images shown", "epochs": "epochs"}


#: Settings -> (value of the swept number, all other settings); None if the settings lack that number.
Split = Callable[[Mapping[str, Any]], tuple[float, Any] | None]


@dataclass(frozen=True, eq=False)
class Line:
    """Cells of one line by the value of the swept number, ascending."""

    name: str
    points: Sequence[tuple[float, PlannedCell]]


@dataclass(frozen=True)
class Sweep:
    """One swept number of a data set, with a line per combination of all other settings."""

    label: str
    lines: Sequence[Line]


def sweeps(cells: Sequence[PlannedCell]) -> list[Sweep]:
    """The sweeps of one data set: learning rate of G (with that of D proportional, or constant), and budget."""
    kinds: list[tuple[str, Split]] = [("learning rate of G", _tied), ("learning rate of G", _free)]
    kinds += [(f"budget, {words}", functools.partial(_budget, unit)) for unit, words in UNITS.items()]
    lines_of: dict[str, list[Line]] = {}
    for label, split in kinds:
        groups: dict[str, dict[float, PlannedCell]] = {}
        for cell in cells:
            parts = split(cell.settings)
            if parts is not None:
                groups.setdefault(canonical_json(parts[1]), {})[parts[0]] = cell
        lines = [
            Line(_name(list(group.values())), sorted(group.items())) for group in groups.values() if len(group) > 1
        ]
        lines_of.setdefault(label, []).extend(lines)
    return [Sweep(label, lines) for label, lines in lines_of.items() if lines]


def _tied(settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    """G's learning rate, and all other settings with D's rate as a multiple of it."""
    g, d = _rate(settings, "g_optimizer"), _rate(settings, "d_optimizer")
    if g is None:
        return None
    return g, {**_without(settings), "ratio": None if d is None else f"{d / g:.6g}"}


def _free(settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    """G's learning rate, and all other settings including D's rate."""
    g, d = _rate(settings, "g_optimizer"), _rate(settings, "d_optimizer")
    return None if g is None or d is None else (g, {**_without(settings), "d": d})


def _rate(settings: Mapping[str, Any], player: str) -> float | None:
    rate = (settings.get(player) or {}).get("lr")
    return float(rate) if rate else None


def _without(settings: Mapping[str, Any]) -> dict[str, Any]:
    bare = {
        key: {name: value for name, value in (settings.get(key) or {}).items() if name != "lr"}
        for key in ("g_optimizer", "d_optimizer")
    }
    return {**settings, **bare}


def _budget(unit: str, settings: Mapping[str, Any]) -> tuple[float, Any] | None:
    amount = (settings.get("budget") or {}).get(unit)
    return None if amount is None else (float(amount), {**settings, "budget": None})


def _name(cells: Sequence[PlannedCell]) -> str:
    """The parts that the labels of all cells share."""
    parts = [cell.variant.split(DOT) for cell in cells]
    shared = [part for part in parts[0] if all(part in other for other in parts)]
    return DOT.join(shared) or parts[0][0]
