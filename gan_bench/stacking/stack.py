"""The training loop of R runs of one family (gan_bench.stacking.family), each with the bits of a single run.

Each run has its own State: random generators, order of the data, monitor, pictures, checkpoint. Only the operations of
a step are shared. A finished run remains in the stack, without effect, until more than half of the runs have finished.
Then a new stack is made of the other runs.
"""

import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gan_bench.files import canonical_json
from gan_bench.game.game import Game
from gan_bench.methods import Program
from gan_bench.stacking.draws import Draws
from gan_bench.stacking.player import StackedPlayer, parts_of
from gan_bench.stacking.rules import MOST, why_not_worth
from gan_bench.stacking.signals import Looks
from gan_bench.stacking.step import StackedGame
from gan_bench.train import interruption
from gan_bench.train.ema import Average
from gan_bench.train.loop import End, Hooks, Stops, TrainingData, initial_snapshot, last_step, look, timeout, train
from gan_bench.train.schedule import Schedule
from gan_bench.train.state import State

Ended = Callable[[int, End], None]
Member = tuple[int, Program, State, Hooks]
"""A run of a stack: its number in `train_together`, its program, state and hooks."""


class Stack:
    """Runs that are at the same step.

    `iterate` does not update the tensors in a run's State: `show` updates the networks, and `give_back` also the
    optimizers. The windows of its monitor are views of stacked tensors.
    """

    def __init__(self, game: Game, runs: Sequence[tuple[Program, State]], plan: Schedule, data: TrainingData) -> None:
        states = [state for _, state in runs]
        self.states, self.plan, self.data = list(states), plan, data
        self.step = states[0].step
        self.alive = list(range(len(states)))
        self.game = game
        self.players = {
            name: StackedPlayer([state.players[name] for state in states], [run.optimizers[name] for run, _ in runs])
            for name in ("generator", "discriminator")
        }
        self.windows = {
            name: torch.stack([state.monitor.windows[name] for state in states]) for name in states[0].monitor.windows
        }
        for run, state in enumerate(states):
            state.monitor.windows = {name: window[run] for name, window in self.windows.items()}
        self.average = _average(states)
        generator = self.players["generator"]
        self._averaged = parts_of({**generator.parameters, **generator.buffers})
        self.draws = Draws(game, self.states, self.alive, plan, data)
        self.moves = StackedGame(game, self.players)
        self.looks = Looks(runs[0][0], self.states, self.alive, self.players)

    def iterate(self) -> None:
        """Make one generator step of all runs, with its discriminator steps."""
        draws, needy = self.draws, self.game.generator_needs_real
        draws.see(self.step)
        for _ in range(self.plan.d_steps_at(self.step)):
            draws.draw_real()
            penalty = draws.penalty()
            draws.draw_latents(draws.labels)
            fake = draws.tricks("fake")
            self._record("d", self.moves.discriminator_step(draws.real, draws.z, fake, penalty, draws.progress))
        if not self.game.shares_latents:
            draws.draw_latents(draws.labels if needy else None)
        fake = draws.tricks("generated")
        self._record("g", self.moves.generator_step(draws.z, draws.real, fake, draws.progress))
        self.step += 1
        if self.average is not None:
            self.average.update(self._averaged)
        for run in self.alive:
            self.states[run].step = self.step

    def show(self, run: int) -> None:
        """Copy the current networks and the running average into a run's State, for logs and pictures."""
        state = self.states[run]
        for name, player in self.players.items():
            player.show(run, state.players[name])
        self._show_average(run)

    def give_back(self, run: int) -> None:
        """Copy the networks, the optimizers' states and the running average into a run's State."""
        state = self.states[run]
        for name, player in self.players.items():
            player.give_back(run, state.players[name])
        self._show_average(run)

    def leave(self, run: int) -> None:
        """End a run: its State is completed and no longer changes."""
        self.give_back(run)
        monitor = self.states[run].monitor
        monitor.windows = {name: window.clone() for name, window in monitor.windows.items()}
        self.alive.remove(run)

    def _show_average(self, run: int) -> None:
        average = self.states[run].average
        if self.average is None or average is None:
            return
        average.updates = self.average.updates
        for name, tensor in average.tensors.items():
            stored = self.average.tensors
            tensor.copy_(stored[name][run] if name in stored else stored[f"{name}/{run}"])

    def _record(self, stream: str, stats: Tensor) -> None:
        filled = self.states[self.alive[0]].monitor.filled[stream]
        self.windows[stream][:, filled] = stats
        for run in self.alive:
            self.states[run].monitor.filled[stream] = filled + 1


def train_together(
    game: Game, runs: Sequence[tuple[Program, State, Hooks]], plan: Schedule, data: TrainingData, ended: Ended
) -> None:
    """Train runs of one family with the same schedule, each to its end. `ended(number, end)` is called for each run.

    Runs that resume at different steps first train up to the same step. The last remaining run continues in a stack of
    one run if such a stack is faster, else alone. The seconds of a run are its share of the time of its stack.
    """
    over: set[int] = set()

    def end_of(run: int, end: End) -> None:
        over.add(run)
        ended(run, end)

    # Consecutive runs with equal optimizer settings share an optimizer.
    order = sorted(range(len(runs)), key=lambda run: canonical_json(dict(runs[run][0].optimizers)))
    while left := [run for run in order if run not in over]:
        first = min(runs[run][1].step for run in left)
        group = [run for run in left if runs[run][1].step == first][:MOST]
        later = [runs[run][1].step for run in left if runs[run][1].step > first]
        until = min([*later, last_step(plan, runs[group[0]][2])])
        if len(left) == 1 and why_not_worth(game, 1, until - first) is not None:
            program, state, hooks = runs[group[0]]
            end_of(group[0], train(program, state, plan, data, hooks))
        else:
            advance(game, [(run, *runs[run]) for run in group], plan, data, until, end_of)


def advance(game: Game, group: Sequence[Member], plan: Schedule, data: TrainingData, until: int, ended: Ended) -> None:
    """Train runs, all from the same step, up to step `until`, or until more than half of them have ended."""
    hooks, stops, begun = group[0][3], Stops(plan), time.monotonic()
    last = last_step(plan, hooks)
    for _, program, state, _ in group:
        initial_snapshot(program, state, plan, last)
    stack = Stack(game, [(program, state) for _, program, state, _ in group], plan, data)
    before, saved = [state.seconds for state in stack.states], begun
    while stack.step < until and 2 * len(stack.alive) >= max(2, len(group)):
        stack.iterate()
        now = time.monotonic()
        for run in list(stack.alive):
            stack.states[run].seconds = before[run] + (now - begun) / len(group)
            if stack.step in stops.all:
                _look(stack, run, group[run], plan, stops, ended)
        if interruption.check():
            _save(stack, group)
            raise interruption.interruption()
        if stack.alive and now - saved >= hooks.save_seconds:
            _save(stack, group)
            saved = time.monotonic()
    for run in list(stack.alive):
        number, _, state, hooks = group[run]
        stack.leave(run)
        if state.step >= last:
            if last < plan.g_steps:
                hooks.save(state)
            ended(number, None)


def _look(stack: Stack, run: int, member: Member, plan: Schedule, stops: Stops, ended: Ended) -> None:
    number, program, state, hooks = member
    stack.show(run)
    end = look(program, state, plan, stops, hooks, stack.looks.measure(run)) or timeout(state, plan, hooks)
    if end is not None:
        stack.leave(run)
        ended(number, end)


def _save(stack: Stack, group: Sequence[Member]) -> None:
    for run in stack.alive:
        _, _, state, hooks = group[run]
        stack.give_back(run)
        hooks.save(state)


def _average(states: Sequence[State]) -> Average | None:
    """The running averages of all runs as one `Average` of stacked tensors; None if the runs have none."""
    first = states[0].average
    if first is None:
        return None
    averages = [state.average for state in states if state.average is not None]
    joined = {name: torch.stack([run_average.tensors[name] for run_average in averages]) for name in first.tensors}
    stacked = Average(first.decay, {})
    stacked.tensors, stacked.updates = parts_of(joined), first.updates
    return stacked
