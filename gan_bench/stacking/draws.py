"""Random numbers and minibatches of the runs of a stack. Each run draws from its generators, as if it trained alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import HALF_RANGE
from gan_bench.game.game import Game
from gan_bench.game.latent import draw_latents, one_hot
from gan_bench.train.loop import TrainingData
from gan_bench.train.schedule import Schedule
from gan_bench.train.state import State


class Draws:
    """The random inputs of a step for R runs, each (R, ...). In every step, they are written to the same memory.

    A run that is not in `alive` keeps its last draws.
    """

    def __init__(
        self, game: Game, states: Sequence[State], alive: Sequence[int], plan: Schedule, data: TrainingData
    ) -> None:
        self.game, self.states, self.alive, self.plan, self.data = game, states, alive, plan, data
        runs, batch = len(states), plan.batch_size
        self._kept: dict[str, Any] = {}
        self._rows = np.zeros((runs, batch), dtype=np.int64)
        self._chosen = torch.from_numpy(self._rows).view(-1)
        self._table = data.images.flatten(1)
        self._raw = torch.empty((runs * batch, self._table.shape[1]), dtype=self._table.dtype)
        self.labels: np.ndarray | None = None
        self.progress = torch.zeros(runs)
        self.z = self._buffer("z", np.zeros((batch, game.layout.width), dtype=np.float32))
        self.real: dict[str, Any] = {"images": torch.empty((runs, batch, *game.shape)), "draws": {}}

    def see(self, step: int) -> None:
        """Set `progress`, the share of the training that is done before `step`."""
        self.progress.fill_(float(np.float32(step / self.plan.g_steps)))

    def draw_real(self) -> None:
        """Draw a real minibatch of each run, its classes if the game uses them, and the tricks' random numbers."""
        for run in self.alive:
            sampler = self.states[run].sampler
            assert sampler is not None
            self._rows[run] = sampler.next()
        images = self.real["images"]
        torch.index_select(self._table, 0, self._chosen, out=self._raw)
        images.view(self._raw.shape).copy_(self._raw)
        if self._raw.dtype is torch.uint8:  # the same arithmetic as in gan_bench.data.scaling.to_unit
            images.sub_(HALF_RANGE).div_(HALF_RANGE)
        if self.game.layout.classes:
            if self.data.labels is None:
                raise ValueError("a game with classes needs labels")
            self.labels = self.data.labels.numpy()[self._rows]
            labels = self.labels
            self.real["classes"] = self._all("classes", lambda run: one_hot(labels[run], self.game.layout.classes))
        self.real["draws"] = self.tricks("real")

    def draw_latents(self, labels: np.ndarray | None) -> None:
        """Draw z of the runs in `alive`, with the classes `labels` (R, B) if given."""
        layout, z = self.game.layout, self._kept["z"][0]
        plain = layout.noise_law is draw_latents and layout.width == layout.noise
        for run in self.alive:
            rng = self.states[run].rngs["noise"]
            if plain:  # draws the same numbers as `layout.draw`, but directly into z
                rng.standard_normal(dtype=np.float32, out=z[run])
            else:
                z[run] = layout.draw(rng, self.plan.batch_size, None if labels is None else labels[run])

    def penalty(self) -> dict[str, Tensor]:
        """The penalty's random numbers for one minibatch."""
        packs, (channels, height, width) = self.game.d_input.packs, self.game.shape
        batch, shape = self.plan.batch_size // packs, (channels * packs, height, width)
        return self._all("penalty", lambda run: self.game.penalty_draw(self.states[run].rngs["penalty"], batch, shape))

    def tricks(self, place: str) -> dict[str, dict[str, Tensor]]:
        """The tricks' random numbers for one minibatch. `place` names its use: "real", "fake" or "generated"."""
        d_input, batch, shape = self.game.d_input, self.plan.batch_size, self.game.shape
        if not d_input.draws:
            return {}
        return self._all(f"tricks {place}", lambda run: d_input.draw(self.states[run].rngs["tricks"], batch, shape))

    def _all(self, place: str, draw: Callable[[int], Any]) -> Any:
        """Draw for the runs in `alive`. Returns tensors (R, ...), in which the other runs keep their last draws."""
        for run in self.alive:
            drawn = draw(run)
            if place not in self._kept:
                self._buffer(place, drawn)
            _put(self._kept[place][0], run, drawn)
        return self._kept[place][1]

    def _buffer(self, place: str, example: Any) -> Any:
        arrays = _arrays(example, len(self.states))
        self._kept[place] = arrays, _tensors(arrays)
        return self._kept[place][1]


def _arrays(example: Any, runs: int) -> Any:
    """A tree of arrays for all runs, with the structure of the example."""
    if isinstance(example, dict):
        return {name: _arrays(array, runs) for name, array in example.items()}
    return np.zeros((runs, *np.shape(example)), dtype=np.asarray(example).dtype)


def _tensors(arrays: Any) -> Any:
    if isinstance(arrays, dict):
        return {name: _tensors(array) for name, array in arrays.items()}
    return torch.from_numpy(arrays)


def _put(arrays: Any, run: int, drawn: Any) -> None:
    if isinstance(arrays, dict):
        for name, array in arrays.items():
            _put(array, run, drawn[name])
    else:
        arrays[run] = drawn
