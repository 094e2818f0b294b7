"""A sign of failure: a rule with its threshold, the verdict that it supports, and its finding on a trajectory."""

from collections.abc import Callable
from dataclasses import dataclass

from gan_bench.collapse.trajectory import Trajectory


class NotApplicableError(Exception):
    """The rule cannot be applied to this trajectory; `str()` is the reason."""


@dataclass(frozen=True)
class Finding:
    """Result of a rule on one trajectory.

    `window`: (first, last) step examined. `began_step`: first step of the failure; set only if the rule fired. `says`:
    the result as one sentence.
    """

    fired: bool
    value: float | None
    window: tuple[int, int]
    began_step: int | None
    says: str


@dataclass(frozen=True)
class Sign:
    """A rule with its threshold.

    `measure` describes `Finding.value`; `comparison` and `threshold` say when the rule fires. `target` is the corpus
    label against which its precision and recall are measured. The base rate is the share of runs with this label.
    `supports` is the verdict that the rule supports; None if the precision of the sign, on the runs to which it
    applies, is no better than the base rate. `weak_in`: loss families in which the precision of the sign is no better
    than the base rate of the family.
    """

    name: str
    signals: tuple[str, ...]
    measure: str
    comparison: str
    threshold: float | None
    target: str
    supports: str | None
    source: str
    test: Callable[[Trajectory], Finding]
    weak_in: frozenset[str] = frozenset()

    def decides(self, family: str) -> bool:
        """Whether the rule may decide a verdict for this loss family."""
        return self.supports is not None and family not in self.weak_in


def need_level(trajectory: Trajectory) -> float:
    """D's loss at equilibrium.

    Raises:
        NotApplicableError: the loss has no equilibrium to compare with.
    """
    if trajectory.level is None:
        raise NotApplicableError(trajectory.level_reason)
    return trajectory.level


def need_rows(trajectory: Trajectory, window: slice, minimum: int) -> None:
    """Raise NotApplicableError if a window has fewer than `minimum` rows."""
    if window.stop - window.start < minimum:
        raise NotApplicableError(f"too few rows: the window holds {window.stop - window.start}, {minimum} are needed")
