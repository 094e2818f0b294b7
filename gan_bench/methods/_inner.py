"""Differentiable optimizer steps that start from the state of a real optimizer."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.game.player import Player

Moments = dict[str, Any]


class InnerOptimizer:
    """A copy of a player's optimizer with differentiable steps. The player does not change."""

    def __init__(self, player: Player) -> None:
        """UserError for an optimizer other than Adam, RMSprop and SGD."""
        assert player.optimizer is not None
        kind = type(player.optimizer)
        if kind not in STEPS:
            names = ", ".join(known.__name__ for known in STEPS)
            raise UserError(f"method 'unrolled' cannot look ahead through {kind.__name__}; valid: {names}.")
        self.step_of = STEPS[kind]
        self.settings: Mapping[str, Any] = player.optimizer.param_groups[0]
        state = player.optimizer.state
        self.moments: list[Moments] = [
            {name: _copy(value) for name, value in state.get(parameter, {}).items()}
            for parameter in player.parameters.values()
        ]

    def step(self, parameters: Mapping[str, Tensor], gradients: Sequence[Tensor]) -> dict[str, Tensor]:
        """The parameters after one step. `gradients` are in the order of `parameters`."""
        moved: dict[str, Tensor] = {}
        for i, ((name, parameter), gradient) in enumerate(zip(parameters.items(), gradients, strict=True)):
            update, self.moments[i] = self.step_of(gradient, self.settings, self.moments[i])
            moved[name] = parameter - update
        return moved


def _copy(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def _adam(gradient: Tensor, settings: Mapping[str, Any], moments: Moments) -> tuple[Tensor, Moments]:
    """Kingma & Ba 2015 (arXiv:1412.6980), Algorithm 1; see `_root` for squares of 0."""
    (beta1, beta2), zero = settings["betas"], torch.zeros_like(gradient)
    t = float(moments.get("step", 0)) + 1
    mean = beta1 * moments.get("exp_avg", zero) + (1 - beta1) * gradient
    square = beta2 * moments.get("exp_avg_sq", zero) + (1 - beta2) * gradient.square()
    scale = _root(square) / (1 - beta2**t) ** 0.5 + settings["eps"]
    update = settings["lr"] / (1 - beta1**t) * mean / scale
    return update, {"step": t, "exp_avg": mean, "exp_avg_sq": square}


def _rmsprop(gradient: Tensor, settings: Mapping[str, Any], moments: Moments) -> tuple[Tensor, Moments]:
    alpha = settings["alpha"]
    square = alpha * moments.get("square_avg", torch.zeros_like(gradient)) + (1 - alpha) * gradient.square()
    return settings["lr"] * gradient / (_root(square) + settings["eps"]), {"square_avg": square}


def _sgd(gradient: Tensor, settings: Mapping[str, Any], moments: Moments) -> tuple[Tensor, Moments]:
    before = moments.get("momentum_buffer")
    velocity = gradient if before is None else settings["momentum"] * before + gradient
    return settings["lr"] * velocity, {"momentum_buffer": velocity} if settings["momentum"] else {}


def _root(square: Tensor) -> Tensor:
    """Square root with gradient 0 where the square is 0 (autograd gives infinity)."""
    positive = square > 0
    return torch.where(
        positive, torch.where(positive, square, torch.ones_like(square)).sqrt(), torch.zeros_like(square)
    )


STEPS: dict[type, Any] = {torch.optim.Adam: _adam, torch.optim.RMSprop: _rmsprop, torch.optim.SGD: _sgd}
