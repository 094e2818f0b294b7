"""The loop around the steps: which data and draws go in, when to log, take a picture, save and stop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player, global_norm
from gan_bench.methods import Program
from gan_bench.train.monitor import Divergence
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import draw_images
from gan_bench.train.state import State

#: What `signals` does.
Measure = Callable[[Program, State, Schedule], dict[str, float]]


@dataclass(frozen=True)
class Halt:
    """Why a run is ended before its plan."""

    reason: str


@dataclass(frozen=True)
class Hooks:
    """What happens around the training without changing it. `save` is called at least `save_seconds` apart.

    `watch` alone may change something: it looks at each log point but the last and may end the run.
    """

    save: Callable[[State], None]
    save_seconds: float
    logged: Callable[[State], None]
    stop_after: int | None = None
    watch: Callable[[State], Halt | None] | None = None


@dataclass(frozen=True)
class TrainingData:
    """Training images on the device, (n,C,H,W) uint8 pixels or float32 points, and their labels (n,) or None."""

    images: Tensor
    labels: Tensor | None = None


class Stops:
    """The steps of a plan after which there is something to do, for fast asking."""

    def __init__(self, plan: Schedule) -> None:
        self.log, self.looks = frozenset(plan.log_steps), frozenset(plan.look_steps)
        self.pictures, self.kept = frozenset(plan.snapshot_steps), frozenset(plan.checkpoint_steps)
        self.all = self.log | self.pictures | self.kept


class Supply:
    """What a program is offered during one generator step (gan_bench.methods.Feed)."""

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


def train(program: Program, state: State, plan: Schedule, data: TrainingData, hooks: Hooks) -> Divergence | Halt | None:
    """Train to the end of the plan, to the first number that is not finite or to where the run is halted: returned.

    With `hooks.stop_after` the loop saves and returns when so many G steps are done in all.
    """
    last, stops = last_step(plan, hooks), Stops(plan)
    begin(program, state, plan, last)
    begun, before = time.monotonic(), state.seconds
    saved = begun
    while state.step < last:
        iterate(program, state, plan, data)
        now = time.monotonic()
        state.seconds = before + now - begun
        if state.step in stops.all and (end := look(program, state, plan, stops, hooks)) is not None:
            return end
        if now - saved >= hooks.save_seconds:
            hooks.save(state)
            saved = time.monotonic()
    if last < plan.g_steps:
        hooks.save(state)
    return None


def last_step(plan: Schedule, hooks: Hooks) -> int:
    """The G step at which the loop ends."""
    return plan.g_steps if hooks.stop_after is None else min(hooks.stop_after, plan.g_steps)


def begin(program: Program, state: State, plan: Schedule, last: int) -> None:
    """The picture before the first step of a run that takes any."""
    if state.step == 0 and not state.frames and 0 in plan.snapshot_steps and last:
        snapshot(program, state)


def look(
    program: Program, state: State, plan: Schedule, stops: Stops, hooks: Hooks, measure: Measure | None = None
) -> Divergence | Halt | None:
    """All that belongs between two steps: the log point, the picture, the generator kept. Why the run ends here.

    `measure` gives the signals of a run that is looked at together with others.
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
    if state.step in stops.kept:
        state.kept.append((state.step, _copied(state.generator)))
    return None


def iterate(program: Program, state: State, plan: Schedule, data: TrainingData) -> None:
    """One generator step with all that belongs to it, then the generator's running average."""
    assert program.iterate is not None
    program.iterate(state.players, Supply(state, plan, data))
    state.step += 1
    if state.average is not None:
        state.average.update(state.players["generator"].tensors)


def signals(program: Program, state: State, plan: Schedule) -> dict[str, float]:
    """The signals of this step, none where the run has none; nothing but their own random generator moves."""
    if state.signals is None:
        return {}
    return state.signals.measure(program, state.players, state.rngs["signals"], state.step / plan.g_steps)


def picture(program: Program, state: State) -> np.ndarray:
    """The run's pictures at this step (see `draw_images`)."""
    return draw_images(program.images(state.generator, state.snapshot_latents).cpu())


def snapshot(program: Program, state: State) -> None:
    """Keep the run's pictures at this step."""
    state.frames.append((state.step, picture(program, state)))


def _copied(tensors: Tensors) -> Tensors:
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def _bad_weights(state: State) -> Divergence | None:
    """The last step's update can break the weights when all that was reported of it is finite."""
    for name, player in reversed(list(state.players.items())):
        norm = global_norm(_numbers(player)).item()
        if not math.isfinite(norm):
            return Divergence(
                state.step, f"the norm of the {name}'s weights is {norm} after generator step {state.step}"
            )
    return None


def _numbers(player: Player) -> list[Tensor]:
    return [tensor.detach() for tensor in player.tensors.values() if tensor.is_floating_point()]
