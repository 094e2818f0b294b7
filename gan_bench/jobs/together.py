"""Trains several runs together, as one stack, with the optional package gan_bench.stacking.

Outside that package, only this module imports it. If it is absent, each run trains alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_bench.config.plan.grid import Plan
from gan_bench.data import DataSet
from gan_bench.provenance import stage_digest
from gan_bench.registry import PACKAGE

if TYPE_CHECKING:
    from gan_bench.stacking.plan import Chunk

Say = Callable[[str], None]


def present() -> bool:
    """Whether this installation has gan_bench.stacking."""
    return (PACKAGE / "stacking" / "__init__.py").is_file()


def stacking_digest() -> str | None:
    """Digest of the stacking code; None if gan_bench.stacking is absent."""
    return stage_digest("stacking") if present() else None


def may_stack(settings: Mapping[str, Any]) -> bool:
    """Whether a job may stack the runs of a cell with these settings; the job itself makes the final decision."""
    if not present():
        return False
    from gan_bench.stacking import rules

    return rules.may_stack(settings, rules.choice())


def stacks(plan: Plan) -> dict[tuple[str, str], list[Chunk]]:
    """(data set's label, stack's id) -> chunks that one job trains as one stack, before the jobs of the chunks run."""
    if not present():
        return {}
    from gan_bench.stacking.plan import stacks

    return stacks(plan)


def train_together(
    runs: Mapping[str, dict[str, Any]], data: DataSet, store: Path, every: float, say: Say, note: Say
) -> dict[str, float]:
    """Train the `runs` {key: settings} that are missing in the store as one stack, if this is exact and faster.

    Returns {key: the run's share of the seconds} for the trained runs. Errors in the stack do not fail the job: the
    caller then trains the missing runs one by one.
    """
    if not present():
        return {}
    from gan_bench.stacking.job import train_missing

    return train_missing(runs, data, store, every, say, note, _watcher)


def _watcher(settings: Mapping[str, Any]) -> Any:
    # Imported here, because a job whose runs are all stored does not need torch.
    from gan_bench.jobs.watch import watcher

    return watcher(settings)
