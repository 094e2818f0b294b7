"""How long a run trains, and at which steps it logs and takes a picture. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gan_bench.errors import UserError, unknown_name

BUDGET_UNITS = ("g_steps", "d_steps", "images", "epochs")


@dataclass(frozen=True)
class Schedule:
    """Counts of a run. Steps are generator steps, counted from 1; snapshot step 0 is before the first one."""

    g_steps: int
    d_steps: int
    batch_size: int
    log_steps: tuple[int, ...]
    snapshot_steps: tuple[int, ...]

    @property
    def longest_window(self) -> int:
        """Most G steps between two log points."""
        return max(b - a for a, b in zip((0, *self.log_steps), self.log_steps, strict=False))

    def images(self, step: int) -> int:
        """Real images shown to D until G step `step` is done."""
        return step * self.d_steps * self.batch_size


def schedule(settings: Mapping[str, Any], n_train: int) -> Schedule:
    """The schedule of a run on `n_train` training images."""
    total = g_steps_for(settings, n_train)
    return Schedule(
        g_steps=total,
        d_steps=settings["d_steps"],
        batch_size=settings["batch_size"],
        log_steps=log_steps(total, settings["log_points"]),
        snapshot_steps=snapshot_steps(total, settings["snapshots"]),
    )


def g_steps_for(settings: Mapping[str, Any], n_train: int) -> int:
    """Generator steps that the budget pays for; one G step comes with `d_steps` D steps of `batch_size` images each.

    g_steps: that many. d_steps: budget / d_steps. images: real images shown to D, budget / (d_steps * batch_size).
    epochs: images, with epochs * n_train of them. Rounded down, so that no run exceeds its budget, but at least 1.
    UserError for a budget that is not exactly one positive number under one of these names.
    """
    budget = settings["budget"]
    if len(budget) != 1:
        raise UserError(f"budget has the keys {sorted(budget)}; valid: exactly one of {', '.join(BUDGET_UNITS)}.")
    ((unit, amount),) = budget.items()
    if unit not in BUDGET_UNITS:
        raise UserError(unknown_name("budget", unit, list(BUDGET_UNITS)))
    if not 0 < amount < float("inf"):
        raise UserError(f"budget.{unit} is {amount}; valid: a positive number.")
    shown = settings["d_steps"] * settings["batch_size"]
    # Exact: 0.3 epochs of 1000 images are 300 images, not 299.99...
    cost = {"g_steps": Fraction(1), "d_steps": Fraction(settings["d_steps"]), "images": Fraction(shown)}
    cost["epochs"] = Fraction(shown, n_train)
    steps = Fraction(str(amount)) / cost[unit]
    return max(1, int(steps))


def log_steps(g_steps: int, points: int) -> tuple[int, ...]:
    """At most `points` steps, evenly spaced, the last step among them."""
    points = max(1, min(points, g_steps))
    return tuple(k * g_steps // points for k in range(1, points + 1))


def snapshot_steps(g_steps: int, count: int) -> tuple[int, ...]:
    """At most `count` steps, evenly spaced from 0 to the last step; only the last one for a count below 2."""
    count = min(count, g_steps + 1)
    if count < 2:
        return (g_steps,)
    return tuple(k * g_steps // (count - 1) for k in range(count))
