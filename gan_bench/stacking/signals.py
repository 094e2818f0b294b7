"""Measures the signals (gan_bench.train.signals) of all runs of a stack at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.game.network import Tensors
from gan_bench.game.player import Player
from gan_bench.methods import Program
from gan_bench.stacking.graph import Stacked
from gan_bench.stacking.player import StackedPlayer
from gan_bench.train.loop import signals
from gan_bench.train.schedule import Schedule
from gan_bench.train.signals import named, seen
from gan_bench.train.spread import BatchRows
from gan_bench.train.state import State

#: Least number of remaining measurements, summed over the runs, for which stacking is faster. Tracing and stacking take
#: about half a second, and each stacked measurement saves somewhat less than a millisecond (benchmarks/stacked.py).
PAYS_FROM = 1000

#: Properties of the held-out images that are computed once for a run.
KNOWN = ("pair", "nearest", "sd", "mean", "radii")


class Looks:
    """Measures the signals of all runs. `measure(run)` returns a function that replaces gan_bench.train.loop.signals.

    The random generator of a run advances only when the function of this run is called.
    """

    def __init__(
        self, program: Program, states: Sequence[State], alive: Sequence[int], players: Mapping[str, StackedPlayer]
    ) -> None:
        self.program, self.states, self.alive, self.players = program, states, alive, players
        self._scratch = np.random.Generator(np.random.PCG64(0))
        self._step = -1
        self._found: dict[int, dict[str, float]] = {}
        self._after: dict[int, Any] = {}
        self._stacked: Stacked | None = None
        self._alone = states[0].signals is None

    def measure(self, run: int) -> Callable[[Program, State, Schedule], dict[str, float]]:
        """A function that returns the signals of one run at the current step of the stack."""
        return partial(self._measure, run)

    def _measure(self, run: int, program: Program, state: State, plan: Schedule) -> dict[str, float]:
        if not self._alone and self._step != state.step:
            self._look(state.step, plan)
        if self._alone:
            return signals(program, state, plan)
        state.rngs["signals"].bit_generator.state = self._after[run]
        return self._found[run]

    def _look(self, step: int, plan: Schedule) -> None:
        if self._stacked is None and len([s for s in plan.look_steps if s >= step]) * len(self.alive) < PAYS_FROM:
            self._alone = True
            return
        if self._stacked is None:
            self._given = self._inputs()
        for run in self.alive:
            signals = self.states[run].signals
            assert signals is not None
            self._scratch.bit_generator.state = self.states[run].rngs["signals"].bit_generator.state
            self._given["z"][run] = torch.from_numpy(signals.latents(self.program, self._scratch))
            self._after[run] = self._scratch.bit_generator.state
        self._given["progress"].fill_(step / plan.g_steps)
        try:
            self._stacked = self._stacked or Stacked(partial(_seen, self.program), (self._given,), stay=True)
        except (RuntimeError, NotImplementedError):  # no trace, or other bits: measure each run separately
            self._alone = True
            return
        values = self._stacked.again().tolist()
        self._found = {run: named(values[run]) for run in self.alive}
        self._step = step

    def _inputs(self) -> dict[str, Any]:
        """The inputs of `_seen` for all runs."""
        signals = [state.signals for state in self.states if state.signals is not None]
        first, runs = signals[0], len(signals)
        known = {name: torch.stack([getattr(run_signals.reference, name) for run_signals in signals]) for name in KNOWN}
        inputs = {"real": torch.stack([run_signals.real for run_signals in signals]), "progress": torch.zeros(runs)}
        inputs["z"] = torch.from_numpy(np.stack([first.latents(self.program, self._scratch)] * runs))
        inputs |= {"rows": torch.stack([run_signals.reference.values for run_signals in signals])}
        if first.classes is not None:
            inputs["classes"] = torch.from_numpy(
                np.stack([run_signals.classes for run_signals in signals if run_signals.classes is not None])
            )
        networks = {
            name: {"parameters": player.parameters, "buffers": player.buffers} for name, player in self.players.items()
        }
        return {**inputs, "known": known, **networks}


def _seen(program: Program, given: Mapping[str, Any]) -> Tensor:
    """The signals of one run."""
    reference = BatchRows(given["rows"])
    vars(reference).update(given["known"])  # fills the cached properties
    generator: Tensors = {**given["generator"]["parameters"], **given["generator"]["buffers"]}
    d = given["discriminator"]
    discriminator = Player(d["parameters"], d["buffers"], None)
    given_z, classes = given["z"], given.get("classes")
    return seen(program, generator, discriminator, given_z, given["real"], classes, given["progress"], reference)
