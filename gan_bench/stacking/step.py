"""One step of each player for R runs at once, with the bits of R single steps (gan_bench.game.step).

A move is the first part of a step, up to the gradients. The move of one run is traced, and stacked as a whole
(gan_bench.stacking.graph).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gan_bench.game.discriminator_input import Minibatch
from gan_bench.game.game import Game
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player, global_norm
from gan_bench.game.step import discriminator_objective, generated_minibatch, generator_objective
from gan_bench.stacking.graph import Stacked
from gan_bench.stacking.player import StackedPlayer
from gan_bench.stacking.replay import Memory


class StackedGame:
    """The moves of a game for R runs, on tensors that stay in the same memory.

    A move is traced and stacked in its first call.
    """

    def __init__(self, game: Game, players: Mapping[str, StackedPlayer]) -> None:
        self.game = game
        self.g, self.d = players["generator"], players["discriminator"]
        self.memory = Memory()
        self._moves: dict[StackedPlayer, Stacked] = {}

    def discriminator_step(self, real: Minibatch, z: Tensor, fake_draws: Any, draws: Any, progress: Tensor) -> Tensor:
        """Update D of all runs; returns stats (R, k). Arguments (R, ...) must be the same tensors in each call."""
        stats = self._step(self.d, discriminator_move, real, z, fake_draws, draws, progress)
        if self.game.after_step is not None:
            for parameters in zip(*(parameter.unbind(0) for parameter in self.d.parameters.values()), strict=True):
                self.game.after_step(list(parameters))
        return stats

    def generator_step(self, z: Tensor, real: Minibatch, fake_draws: Any, progress: Tensor) -> Tensor:
        """Update G of all runs against fixed Ds; returns stats (R, k)."""
        return self._step(self.g, generator_move, z, real, fake_draws, progress)

    def _step(self, player: StackedPlayer, move: Callable[..., Any], *inputs: Any) -> Tensor:
        if player not in self._moves:
            given = (self.g.parameters, self.g.buffers, self.d.parameters, self.d.buffers, *inputs)
            self._moves[player] = Stacked(partial(move, self.game), given, stay=True, memory=self.memory)
        gradients, buffers, stats = self._moves[player].again()
        player.descend(gradients, buffers)
        return stats


def discriminator_move(
    game: Game,
    params_g: Tensors,
    buffers_g: Tensors,
    params_d: Tensors,
    buffers_d: Tensors,
    real: Minibatch,
    z: Tensor,
    fake_draws: Any,
    draws: Mapping[str, Tensor],
    progress: Tensor,
) -> tuple[list[Tensor], Tensors, Tensor]:
    """Gradients of one run's D in the order of its parameters, D's buffers after the step, and the stats (k,)."""
    fake = generated_minibatch(game, Player(params_g, buffers_g, None), z, fake_draws)
    with torch.enable_grad():
        params = _leaves(params_d)
        objective, aux = discriminator_objective(game, params, buffers_d, real, fake, draws, progress)
        gradients = torch.autograd.grad(objective, list(params.values()))
    return list(gradients), aux.buffers, torch.cat((aux.stats, global_norm(gradients).unsqueeze(0)))


def generator_move(
    game: Game,
    params_g: Tensors,
    buffers_g: Tensors,
    params_d: Tensors,
    buffers_d: Tensors,
    *inputs: Any,
) -> tuple[list[Tensor], Tensors, Tensor]:
    """Like `discriminator_move`, but for G. `inputs`: the arguments of `generator_objective` from z on."""
    with torch.enable_grad():
        params, others = _leaves(params_g), _leaves(params_d)
        objective, aux = generator_objective(game, params, buffers_g, others, buffers_d, *inputs)
        gradients = torch.autograd.grad(objective, list(params.values()))
    return list(gradients), aux.buffers, torch.cat((aux.stats, global_norm(gradients).unsqueeze(0)))


def _leaves(tensors: Tensors) -> Tensors:
    return {name: tensor.detach().requires_grad_() for name, tensor in tensors.items()}
