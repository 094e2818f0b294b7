"""What a sign of failure is: a published rule with its threshold, what it claims, and what it found."""

from collections.abc import Callable
from dataclasses import dataclass

from gan_bench.collapse.trajectory import Track


class NotApplicableError(Exception):
    """The rule cannot be asked of this trajectory; `str()` says why."""


@dataclass(frozen=True)
class Finding:
    """What a rule found. `window` = (first, last) step looked at; `began_step` only where it fired."""

    fired: bool
    value: float | None
    window: tuple[int, int]
    began_step: int | None
    says: str


@dataclass(frozen=True)
class Sign:
    """A rule.

    `measure` says what `value` is, `comparison` and `threshold` when it fires. `target` is the label of the corpus
    that the rule is measured against. `supports` is the verdict that it can carry, None for a rule that was measured
    and found no better than the base rate; `weak_in` names loss families where that is so for them alone.
    """

    name: str
    signals: tuple[str, ...]
    measure: str
    comparison: str
    threshold: float | None
    target: str
    supports: str | None
    source: str
    test: Callable[[Track], Finding]
    weak_in: frozenset[str] = frozenset()

    def decides(self, family: str) -> bool:
        """Whether the rule may carry a verdict for this loss family."""
        return self.supports is not None and family not in self.weak_in


def need_level(track: Track) -> float:
    """D's loss at equilibrium; NotApplicableError where there is none."""
    if track.level is None:
        raise NotApplicableError(track.level_reason)
    return track.level


def need_rows(track: Track, window: slice, least: int) -> None:
    """NotApplicableError when a window holds too few rows for its rule."""
    if window.stop - window.start < least:
        raise NotApplicableError(f"too few rows: the window holds {window.stop - window.start}, {least} are needed")
