"""Plans stacks: chunks (seeds of a cell) that one job trains together. The chunks' own jobs find the runs in the store.

This module does not import torch. Whether a stack is faster can be decided only in the job of the stack, which builds
the networks. If the stack is not faster, this job trains nothing, and the chunks' own jobs train the runs.
"""

from typing import NamedTuple

from gan_bench.config.plan.cells import PlannedCell
from gan_bench.config.plan.grid import Plan
from gan_bench.files import digest_of
from gan_bench.stacking.family import stack_family
from gan_bench.stacking.rules import MOST, may_stack


class Chunk(NamedTuple):
    """One training job of the plan: the `seeds` that it trains, and its number `k` among the jobs of the cell."""

    cell: PlannedCell
    k: int
    seeds: list[int]


def stacks(plan: Plan) -> dict[tuple[str, str], list[Chunk]]:
    """(data set's label, stack's id) -> two or more chunks of one family, with at most MOST runs in total.

    Stacks are filled in the order of the plan. So a cell that is added to the end of the plan joins the last stack of
    its family or begins a new stack. All other stacks stay the same.
    """
    unfinished: dict[str, list[Chunk]] = {}
    stacks: dict[tuple[str, str], list[Chunk]] = {}
    families: dict[str, str | None] = {}
    for chunk in (Chunk(*fields) for fields in plan.chunks()):
        cell = chunk.cell
        if cell.id not in families:
            families[cell.id] = digest_of(stack_family(cell.settings)) if may_stack(cell.settings) else None
        family = families[cell.id]
        if family is None:
            continue
        members = unfinished.get(family)
        if members is None or sum(len(member.seeds) for member in members) + len(chunk.seeds) > MOST:
            members = unfinished[family] = []
            stacks[cell.dataset, digest_of([cell.id, chunk.k])[:16]] = members
        members.append(chunk)
    return {place: members for place, members in stacks.items() if len(members) > 1}
