"""One step of each player for R runs at once, with the bits of R single steps (gan_bench.game.step).

Each move below is the step of one run up to its gradients; it is stacked as a whole (gan_bench.game.stacked_graph).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gan_bench.game.front import Side
from gan_bench.game.game import Game
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player, global_norm, step_along
from gan_bench.game.stacked_graph import Stacked
from gan_bench.game.step import discriminator_objective, generator_objective, made

#: A parameter whose numbers, in one run, fill whole vectors is updated for all runs at once; another run by run, so
#: that no number is in a vector for some counts of runs and in a kernel's tail for others.
WHOLE_VECTORS = 64


class StackedPlayer:
    """Parameters and buffers (R, ...) by name, and the optimizer of `build` over the parameters' `parts`."""

    def __init__(self, players: Sequence[Player], build: Callable[[list[Tensor]], torch.optim.Optimizer]) -> None:
        self.parameters = _joined([player.parameters for player in players])
        self.buffers = _joined([player.buffers for player in players])
        self.parts = parts_of(self.parameters)
        self.optimizer = build(list(self.parts.values()))
        for name in self.parameters:
            self._load(name, [_kept(player, name) for player in players])

    def descend(self, gradients: Sequence[Tensor], buffers: Tensors) -> None:
        """One step of every run's optimizer along gradients (R, ...), in the order of the parameters."""
        given = parts_of(dict(zip(self.parameters, gradients, strict=True)))
        step_along(self.optimizer, list(self.parts.values()), [given[name] for name in self.parts])
        self.buffers = buffers

    def show(self, run: int, player: Player) -> None:
        """Put a run's parameters and buffers into its own player."""
        with torch.no_grad():
            own = [tensor[run] for tensor in self.parameters.values()]
            torch._foreach_copy_(list(player.parameters.values()), own)
        player.buffers = {name: buffer[run].clone() for name, buffer in self.buffers.items()}

    def give_back(self, run: int, player: Player) -> None:
        """As `show`, with the state of the run's optimizer."""
        self.show(run, player)
        assert player.optimizer is not None
        for name, parameter in player.parameters.items():
            whole = name in self.parts
            kept = self.optimizer.state.get(self.parts[name if whole else f"{name}/{run}"], {})
            player.optimizer.state[parameter] = {
                key: _own(value, run if whole and value.ndim > parameter.ndim else None) if _is(value) else value
                for key, value in kept.items()
            }

    def _load(self, name: str, kept: Sequence[Mapping[str, Any]]) -> None:
        """Take over what the runs' optimizers know of a parameter; counts of steps must be the same in all."""
        if not kept[0]:
            return
        for run in range(len(kept)) if name not in self.parts else [None]:
            own = kept[run or 0]
            state = {}
            for key, value in own.items():
                if _is(value) and run is None and value.ndim == self.parts[name].ndim - 1 and value.ndim:
                    state[key] = torch.stack([each[key] for each in kept])
                else:
                    state[key] = value.clone() if _is(value) else value
            self.optimizer.state[self.parts[name if run is None else f"{name}/{run}"]] = state


class StackedGame:
    """The moves of a game for R runs; traced and stacked when each is first made."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self._d: Stacked | None = None
        self._g: Stacked | None = None

    def discriminator_step(
        self, players: Mapping[str, StackedPlayer], real: Side, z: Tensor, fake_draws: Any, draws: Any, progress: Tensor
    ) -> Tensor:
        """Update D of every run; stats (R, k). Arguments have a leading axis of runs."""
        g, d = players["generator"], players["discriminator"]
        given = (g.parameters, g.buffers, d.parameters, d.buffers, real, z, fake_draws, draws, progress)
        self._d = self._d or Stacked(partial(discriminator_move, self.game), given)
        gradients, buffers, stats = self._d(*given)
        d.descend(gradients, buffers)
        if self.game.after_step is not None:
            for parameters in zip(*(own.unbind(0) for own in d.parameters.values()), strict=True):
                self.game.after_step(list(parameters))
        found: Tensor = stats
        return found

    def generator_step(
        self, players: Mapping[str, StackedPlayer], z: Tensor, real: Side, fake_draws: Any, progress: Tensor
    ) -> Tensor:
        """Update G of every run against its frozen D; stats (R, k)."""
        g, d = players["generator"], players["discriminator"]
        given = (g.parameters, g.buffers, d.parameters, d.buffers, z, real, fake_draws, progress)
        self._g = self._g or Stacked(partial(generator_move, self.game), given)
        gradients, buffers, stats = self._g(*given)
        g.descend(gradients, buffers)
        found: Tensor = stats
        return found


def discriminator_move(
    game: Game,
    params_g: Tensors,
    buffers_g: Tensors,
    params_d: Tensors,
    buffers_d: Tensors,
    real: Side,
    z: Tensor,
    fake_draws: Any,
    draws: Mapping[str, Tensor],
    progress: Tensor,
) -> tuple[list[Tensor], Tensors, Tensor]:
    """Gradients of one run's D in the order of its parameters, its buffers after the step, and its stats (k,)."""
    fake = made(game, Player(params_g, buffers_g, None), z, fake_draws)
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
    z: Tensor,
    real: Side,
    fake_draws: Any,
    progress: Tensor,
) -> tuple[list[Tensor], Tensors, Tensor]:
    """As `discriminator_move`, of G."""
    with torch.enable_grad():
        params, others = _leaves(params_g), _leaves(params_d)
        objective, aux = generator_objective(game, params, buffers_g, others, buffers_d, z, real, fake_draws, progress)
        gradients = torch.autograd.grad(objective, list(params.values()))
    return list(gradients), aux.buffers, torch.cat((aux.stats, global_norm(gradients).unsqueeze(0)))


def parts_of(tensors: Tensors) -> Tensors:
    """Stacked tensors as what an update goes over: {name: (R, ...)}, or {name/run: (...)} for a small one."""
    found: Tensors = {}
    for name, tensor in tensors.items():
        if tensor[0].numel() % WHOLE_VECTORS == 0:
            found[name] = tensor
        else:
            found |= {f"{name}/{run}": own for run, own in enumerate(tensor.unbind(0))}
    return found


def _joined(dictionaries: Sequence[Tensors]) -> Tensors:
    return {name: torch.stack([own[name].detach() for own in dictionaries]) for name in dictionaries[0]}


def _leaves(tensors: Tensors) -> Tensors:
    return {name: tensor.detach().requires_grad_() for name, tensor in tensors.items()}


def _kept(player: Player, name: str) -> Mapping[str, Any]:
    assert player.optimizer is not None
    kept: Mapping[str, Any] = player.optimizer.state.get(player.parameters[name], {})
    return kept


def _is(value: Any) -> bool:
    return isinstance(value, Tensor)


def _own(value: Tensor, run: int | None) -> Tensor:
    return value.clone() if run is None else value[run].clone()
