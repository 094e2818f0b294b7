"""The training loop: it provides data and random numbers for each step, logs, takes pictures, saves and stops."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.game.player import global_norm
from gan_bench.methods import Program
from gan_bench.train import interruption
from gan_bench.train.monitor import Divergence
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import draw_images
from gan_bench.train.state import State

#: Type of functions that measure the signals, such as `signals` below.
Measure = Callable[[Program, State, Schedule], dict[str, float]]


@dataclass(frozen=True)
class Halt:
    """The end of a run before its last planned step, by a rule for early stopping.

    `reason`: the reason in words. `rule`: "collapse" (of the generator) or "validation" (score on images set aside).
    """

    reason: str
    rule: str = "collapse"


@dataclass(frozen=True)
class Timeout:
    """The end of a run that has trained for longer than its settings allow, with the reason in words."""

    reason: str


#: The reason why a run ended: divergence, early stopping or time limit. None if it reached its last planned step
#: without a divergence, or stopped at `Hooks.stop_after`.
End = Divergence | Halt | Timeout | None


@dataclass(frozen=True)
class Hooks:
    """Callbacks and limits of the loop.

    `save` is called every `save_seconds`, after Ctrl-C or SIGTERM, and at `stop_after`. `logged` is called at each log
    point. Then `watch` is called, except at the last log point; `watch` may end the run. If the run has diverged,
    neither `logged` nor `watch` is called. The run also ends after `timeout` seconds of training. With `stop_after`,
    the loop stops when the run has made that many G steps in total; a later call can resume the run. `pictured` is
    called after each picture except the picture before the first step.
    """

    save: Callable[[State], None]
    save_seconds: float
    logged: Callable[[State], None]
    stop_after: int | None = None
    watch: Callable[[State], Halt | None] | None = None
    timeout: float | None = None
    pictured: Callable[[State], None] | None = None


@dataclass(frozen=True)
class TrainingData:
    """Training images on the device, (n,C,H,W) uint8 pixels or float32 points, and their labels (n,) or None."""

    images: Tensor
    labels: Tensor | None = None


class Stops:
    """The steps after which the loop logs, measures signals, takes a picture or keeps the generator, as sets."""

    def __init__(self, plan: Schedule) -> None:
        self.log, self.looks = frozenset(plan.log_steps), frozenset(plan.look_steps)
        self.pictures, self.kept = frozenset(plan.snapshot_steps), frozenset(plan.checkpoint_steps)
        self.all = self.log | self.pictures | self.kept


class Supply:
    """Data and random numbers for one generator step (implements gan_bench.methods.Feed)."""

    def __init__(self, state: State, plan: Schedule, data: TrainingData) -> None:
        self.state, self.data = state, data
        self.step, self.progress = state.step, state.step / plan.g_steps
        self.d_steps, self.batch_size = plan.d_steps_at(state.step), plan.batch_size

    def real(self) -> tuple[Tensor, Tensor | None]:
        assert self.state.sampler is not None
        images, labels = self.data.images, self.data.labels
        rows = torch.from_numpy(self.state.sampler.next()).to(images.device)
        return to_unit(images[rows]), None if labels is None else labels[rows]

    def rng(self, purpose: str) -> np.random.Generator:
        return self.state.rngs[purpose]

    def tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(self.data.images.device)

    def record(self, stream: str, stats: Tensor) -> None:
        self.state.monitor.record(stream, stats)


def train(program: Program, state: State, plan: Schedule, data: TrainingData, hooks: Hooks) -> End:
    """Train to the end of the plan.

    Returns the reason if a divergence, `watch` or the time limit ended the run, else None. With `hooks.stop_after` the
    loop saves and returns when the run has made that many G steps. After Ctrl-C or SIGTERM
    (gan_bench.train.interruption) it saves and raises Interrupted.
    """
    last, stops = last_step(plan, hooks), Stops(plan)
    initial_snapshot(program, state, plan, last)
    started, before = time.monotonic(), state.seconds
    saved = started
    while state.step < last:
        iterate(program, state, plan, data)
        now = time.monotonic()
        state.seconds = before + now - started
        if state.step in stops.all and (end := look(program, state, plan, stops, hooks)) is not None:
            return end
        if (overtime := timeout(state, plan, hooks)) is not None:
            return overtime
        if interruption.check():
            hooks.save(state)
            raise interruption.interruption()
        if now - saved >= hooks.save_seconds:
            hooks.save(state)
            saved = time.monotonic()
    if last < plan.g_steps:
        hooks.save(state)
    return None


def timeout(state: State, plan: Schedule, hooks: Hooks) -> Timeout | None:
    """`Timeout` if an unfinished run has trained for longer than `hooks.timeout` seconds, else None."""
    if hooks.timeout is None or state.seconds <= hooks.timeout or state.step >= plan.g_steps:
        return None
    return Timeout(f"step {state.step} of {plan.g_steps} after {hooks.timeout:g} s of training, the limit of the run")


def last_step(plan: Schedule, hooks: Hooks) -> int:
    """The G step at which the loop ends."""
    return plan.g_steps if hooks.stop_after is None else min(hooks.stop_after, plan.g_steps)


def initial_snapshot(program: Program, state: State, plan: Schedule, last: int) -> None:
    """Take the picture before the first step, if the plan contains it and the loop will make a step (`last` > 0)."""
    if state.step == 0 and not state.frames and 0 in plan.snapshot_steps and last:
        snapshot(program, state)


def look(
    program: Program, state: State, plan: Schedule, stops: Stops, hooks: Hooks, measure: Measure | None = None
) -> End:
    """After a step, log, take a picture or keep the generator, as planned. Returns why the run ends, or None.

    If `measure` is given, it is called in place of `signals`. A loop over many runs can then measure the signals of all
    runs at once.
    """
    measure = measure or signals
    if state.step in stops.log:
        divergence = state.monitor.flush() or _bad_weights(state)
        if divergence is not None:
            return divergence
        state.monitor.add(measure(program, state, plan) if state.step in stops.looks else None)
        hooks.logged(state)
        if hooks.watch is not None and state.step < plan.g_steps and (halt := hooks.watch(state)) is not None:
            return halt
    if state.step in stops.pictures:
        snapshot(program, state)
        if hooks.pictured is not None:
            hooks.pictured(state)
    if state.step in stops.kept:
        state.kept.append((state.step, {name: t.detach().cpu().clone() for name, t in state.generator.items()}))
    return None


def iterate(program: Program, state: State, plan: Schedule, data: TrainingData) -> None:
    """Make one generator step with its discriminator steps, then update the generator's running average."""
    assert program.iterate is not None
    program.iterate(state.players, Supply(state, plan, data))
    state.step += 1
    if state.average is not None:
        state.average.update(state.players["generator"].tensors)


def signals(program: Program, state: State, plan: Schedule) -> dict[str, float]:
    """The signals of this step; {} for a run without signals. Random numbers come only from the stream "signals"."""
    if state.signals is None:
        return {}
    return state.signals.measure(program, state.players, state.rngs["signals"], state.step / plan.g_steps)


def picture(program: Program, state: State) -> np.ndarray:
    """The run's pictures at this step (see `draw_images`)."""
    return draw_images(program.images(state.generator, state.snapshot_latents).cpu())


def snapshot(program: Program, state: State) -> None:
    """Add the run's pictures at this step to its frames."""
    state.frames.append((state.step, picture(program, state)))


def _bad_weights(state: State) -> Divergence | None:
    """Divergence if a weight or buffer is not finite.

    This can happen although the stats of the step are finite, because they are computed before the weights are updated.
    """
    for name, player in reversed(list(state.players.items())):
        norm = global_norm([t.detach() for t in player.tensors.values() if t.is_floating_point()]).item()
        if not math.isfinite(norm):
            reason = f"the norm of the {name}'s weights is {norm} after generator step {state.step}"
            return Divergence(state.step, reason)
    return None
