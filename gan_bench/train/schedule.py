"""How long a run trains, and at which steps it logs, takes pictures and keeps the generator.

This module does not import torch.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, count
from typing import Any

from gan_bench import registry
from gan_bench.errors import UserError, unknown_name

#: Smallest number of real minibatches between two measurements of signals, except before the last log step. A
#: measurement costs about 1/5 of a step.
LOOK_EVERY = 10

BUDGET_UNITS = ("g_steps", "d_steps", "images", "epochs")


@dataclass(frozen=True)
class Schedule:
    """The steps of a run and what happens after them. Steps are generator steps, counted from 1.

    Step 0 stands for the state before the first step. `d_done[k]` is the number of discriminator steps in the first k
    generator steps; `d_done` is None if each generator step has `d_steps` discriminator steps. A method without a
    discriminator has d_steps 0 and reads one minibatch in each step.
    """

    g_steps: int
    d_steps: int
    batch_size: int
    log_steps: tuple[int, ...]
    snapshot_steps: tuple[int, ...]
    d_done: tuple[int, ...] | None = None
    checkpoint_steps: tuple[int, ...] = ()

    @property
    def longest_window(self) -> int:
        """Largest number of G steps between two log points."""
        return max((b - a for a, b in self._windows()), default=0)

    @property
    def longest_d_window(self) -> int:
        """Largest number of D steps between two log points."""
        return max((self.d_steps_until(b) - self.d_steps_until(a) for a, b in self._windows()), default=0)

    @property
    def look_steps(self) -> tuple[int, ...]:
        """Log steps at which the signals are measured.

        These are the first and the last log step, and each log step that is at least `LOOK_EVERY` minibatches after the
        previous measurement.
        """
        steps: list[int] = []
        for step in self.log_steps:
            apart = self.images(step) - self.images(steps[-1]) if steps else math.inf
            if apart >= LOOK_EVERY * self.batch_size or step == self.log_steps[-1]:
                steps.append(step)
        return tuple(steps)

    def d_steps_at(self, step: int) -> int:
        """Number of discriminator steps in the generator step after step `step`."""
        return self.d_steps_until(step + 1) - self.d_steps_until(step)

    def d_steps_until(self, step: int) -> int:
        """Number of discriminator steps in the first `step` generator steps."""
        return step * self.d_steps if self.d_done is None else self.d_done[step]

    def images(self, step: int) -> int:
        """Number of real images that are read in the first `step` generator steps."""
        return (self.d_steps_until(step) if self.d_steps else step) * self.batch_size

    def _windows(self) -> list[tuple[int, int]]:
        return list(zip((0, *self.log_steps), self.log_steps, strict=False))


def schedule(settings: Mapping[str, Any], n_train: int) -> Schedule:
    """The schedule of a run on `n_train` training images. It has no steps if the method has no budget.

    If the settings have `continue_from`, its step must be a number (gan_bench.train.continuation.resolved).
    """
    if settings["budget"] is None:
        return Schedule(0, 0, 0, (), (0,))
    total = g_steps_for(settings, n_train)
    changing = d_steps_of(settings)
    plan = Schedule(
        g_steps=total,
        d_steps=_d_steps(settings),
        batch_size=settings["batch_size"],
        log_steps=log_steps(total, settings["log_points"]),
        snapshot_steps=snapshot_steps(total, settings["snapshots"]),
        d_done=None if changing is None else tuple(accumulate(map(changing, range(total)), initial=0)),
        checkpoint_steps=() if settings.get("checkpoints") is None else log_steps(total, settings["checkpoints"]),
    )
    parent = settings.get("continue_from")
    return plan if parent is None else _joined(schedule(parent["settings"], n_train), plan, parent["step"])


def _joined(parent: Schedule, child: Schedule, step: int) -> Schedule:
    """The schedule of a run that continues its parent at `step`.

    The log, snapshot and checkpoint steps up to `step` are the parent's. The steps after `step` are the child's.
    """

    def steps(name: str) -> tuple[int, ...]:
        before, after = getattr(parent, name), getattr(child, name)
        return (*(k for k in before if k <= step), *(k for k in after if k > step))

    kept = steps("checkpoint_steps")
    return replace(child, log_steps=steps("log_steps"), snapshot_steps=steps("snapshot_steps"), checkpoint_steps=kept)


def _d_steps(settings: Mapping[str, Any]) -> int:
    """D steps in each G step: the run's `d_steps`; if it is null, 1 for an adversarial method, else 0."""
    if settings["d_steps"] is not None:
        return int(settings["d_steps"])
    return int(registry.component("methods", settings["method"]["name"]).facts["adversarial"])


def d_steps_of(settings: Mapping[str, Any]) -> Callable[[int], int] | None:
    """The function (G steps done) -> number of D steps in the next G step; None if this number never changes.

    A trick can change the number of D steps from one G step to the next. A run that continues a parent has the parent's
    numbers up to the step from which it continues.
    """
    own = _changing(settings)
    parent = settings.get("continue_from")
    if parent is None:
        return own
    before, last = d_steps_of(parent["settings"]), parent["step"]
    if own is None and before is None and _d_steps(settings) == _d_steps(parent["settings"]):
        return None
    first, then = before or _constant(parent["settings"]), own or _constant(settings)
    return lambda step: first(step) if step < last else then(step)


def _constant(settings: Mapping[str, Any]) -> Callable[[int], int]:
    return lambda _step: _d_steps(settings)


def _changing(settings: Mapping[str, Any]) -> Callable[[int], int] | None:
    for ref in settings["tricks"]:
        if registry.component("tricks", ref["name"]).facts.get("d_steps"):
            rule = registry.load("tricks", ref["name"]).d_steps
            return lambda step: max(1, int(rule(step, settings["d_steps"], settings=ref)))
    return None


def g_steps_for(settings: Mapping[str, Any], n_train: int) -> int:
    """Generator steps that fit into the budget. Each D step shows `batch_size` real images.

    A budget in g_steps limits the G steps; a budget in d_steps limits the D steps. A budget in images limits the real
    images shown to D; a budget in epochs means epochs * n_train images. The result is rounded down, but it is at least
    1. For a method without a discriminator, each step reads one minibatch and counts as one D step.

    Raises:
        UserError: the budget is not exactly one positive number under one of these names.
    """
    budget = settings["budget"]
    if len(budget) != 1:
        raise UserError(f"budget has the keys {sorted(budget)}; valid: exactly one of {', '.join(BUDGET_UNITS)}.")
    ((unit, amount),) = budget.items()
    if unit not in BUDGET_UNITS:
        raise UserError(unknown_name("budget", unit, list(BUDGET_UNITS)))
    if not 0 < amount < float("inf"):
        raise UserError(f"budget.{unit} is {amount}; valid: a positive number.")
    # Fractions avoid rounding errors: 0.3 epochs of 1000 images are exactly 300 images, not 299.99...
    total = Fraction(str(amount))
    if unit == "g_steps":
        return max(1, int(total))
    per_d_step = {"d_steps": Fraction(1), "images": Fraction(settings["batch_size"])}
    per_d_step["epochs"] = Fraction(settings["batch_size"], n_train)
    d_steps = int(total / per_d_step[unit])
    changing = d_steps_of(settings)
    if changing is None:
        return max(1, d_steps // (_d_steps(settings) or 1))
    done = accumulate(map(changing, count()))
    return max(1, next(step for step, spent in enumerate(done) if spent > d_steps))


def log_steps(g_steps: int, points: int) -> tuple[int, ...]:
    """At most `points` evenly spaced steps, including the last step."""
    points = max(1, min(points, g_steps))
    return tuple(k * g_steps // points for k in range(1, points + 1))


def snapshot_steps(g_steps: int, count: int) -> tuple[int, ...]:
    """At most `count` evenly spaced steps from 0 to the last step; if count is below 2, only the last step."""
    count = min(count, g_steps + 1)
    if count < 2:
        return (g_steps,)
    return tuple(k * g_steps // (count - 1) for k in range(count))
