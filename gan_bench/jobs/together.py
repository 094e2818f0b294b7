"""Trains several runs as one batched computation (a stack), with the optional package gan_bench.stacking.

Only this module and the package itself import the package. If the package is absent, each run trains alone.
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
    """Whether runs with these settings may be stacked. The job can still decide to train them one by one."""
    if not present():
        return False
    from gan_bench.stacking import rules

    return rules.may_stack(settings, rules.choice())


def stacks(plan: Plan) -> dict[tuple[str, str], list[Chunk]]:
    """(label of the data set, id of the stack) -> the chunks of the stack.

    One job trains all runs of the stack. The job of each chunk runs after it.
    """
    if not present():
        return {}
    from gan_bench.stacking.plan import stacks

    return stacks(plan)


def train_together(
    runs: Mapping[str, dict[str, Any]], data: DataSet, store: Path, every: float, say: Say, note: Say
) -> dict[str, float]:
    """Train those of the `runs` {key: settings} that the store lacks, as one stack, if the package allows it.

    The package allows it if a stack is faster than single runs and gives equal bits.

    Returns {key: the run's share of the seconds that the stack took} for the trained runs. After an error in the stack,
    the caller trains the missing runs one by one.
    """
    if not present():
        return {}
    from gan_bench.stacking.job import train_missing

    return train_missing(runs, data, store, every, say, note, _watcher)


def _watcher(settings: Mapping[str, Any]) -> Any:
    # Imported here, because a job whose runs are all stored does not need torch.
    from gan_bench.jobs.watch import watcher

    return watcher(settings)
