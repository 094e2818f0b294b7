"""Training jobs that one job may do together: chunks of cells that differ in numbers of their optimizers alone.

Imports no torch. Whether it pays is known where the networks are built: a job that finds that it does not leaves the
runs to the chunks' own jobs.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from gan_bench.config.plan.cells import PlannedCell
from gan_bench.config.plan.grid import Plan
from gan_bench.files import digest_of
from gan_bench.registry import component
from gan_bench.train.family import OPTIMIZERS, stack_family
from gan_bench.train.stackable import LEAST_STEPS, MOST, PAYS_FROM, why_alone_with


class Chunk(NamedTuple):
    """One training job of the plan."""

    cell: PlannedCell
    k: int
    seeds: list[int]


def stacks(plan: Plan) -> dict[tuple[str, str], list[Chunk]]:
    """(data set's label, stack's id) -> the chunks that train together first; two or more, of at most MOST runs in all.

    They are filled in the order of the plan, so that a cell at its end leaves the others as they are.
    """
    filling: dict[str, list[Chunk]] = {}
    found: dict[tuple[str, str], list[Chunk]] = {}
    families: dict[str, str | None] = {}
    for chunk in (Chunk(*one) for one in plan.chunks()):
        cell = chunk.cell
        if cell.id not in families:
            families[cell.id] = digest_of(stack_family(cell.settings)) if _may_pay(cell.settings) else None
        family = families[cell.id]
        if family is None:
            continue
        open_one = filling.get(family)
        if open_one is None or sum(len(one.seeds) for one in open_one) + len(chunk.seeds) > MOST:
            open_one = filling[family] = []
            found[cell.dataset, digest_of([cell.id, chunk.k])[:16]] = open_one
        open_one.append(chunk)
    return {place: chunks for place, chunks in found.items() if len(chunks) > 1}


def _may_pay(settings: Mapping[str, Any]) -> bool:
    """Whether nothing that a plan knows speaks against it."""
    if why_alone_with(settings, (settings[key] for key in OPTIMIZERS)) is not None:
        return False
    if settings["budget"].get("g_steps", LEAST_STEPS) < LEAST_STEPS:
        return False
    model = settings["model"]
    dense = component("models", model["name"]).facts.get("dense", [])
    weights = sum(a * b for key in dense for a, b in pairwise(model[key]))
    return bool(dense) and weights <= PAYS_FROM[-1][0]
