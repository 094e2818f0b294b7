"""Unrolled GAN: G's loss is computed with the D that k further D steps would give, and differentiated through them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.game.game import Game
from gan_bench.game.network import Tensors, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.game.rounds import discriminator_round, generator_inputs, penalty_draws
from gan_bench.game.step import discriminator_objective, generator_objective, generator_step
from gan_bench.methods import Feed, Setup
from gan_bench.methods.adversarial import Adversarial

FACTS: dict[str, Any] = {
    "paper": "Metz, Poole, Pfau & Sohl-Dickstein 2017, Unrolled Generative Adversarial Networks, section 2.2 "
    "(arXiv:1611.02163)",
    "settings": {
        "steps": {"type": "int", "default": 5, "min": 0, "max": 100, "help": "D steps that G looks ahead (K)"},
    },
    "deviations": [
        "As in the authors' code, the unrolled steps are steps of D's optimizer, which start from its current moments; "
        "the paper's equation 7 has plain gradient ascent.",
        "All unrolled steps use the generated minibatch of G's step and the real images of D's last step.",
    ],
    "uses": [
        "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer", "d_steps", "batch_size", "ema", "budget",
        "log_points", "snapshots",
    ],
    "adversarial": True,
    "bf16": True,
    "excludes": {"penalty": ["weight_clipping"]},
}  # fmt: skip


class Unrolled(Adversarial):
    """The adversarial game with an unrolled generator step."""

    def __init__(self, setup: Setup) -> None:
        """Build the game. UserError if the penalty changes D's parameters after each step of D."""
        super().__init__(setup)
        self.steps = int(setup.settings["method"]["steps"])
        if self.game.after_step is not None:
            name = setup.settings["penalty"]["name"]
            raise UserError(
                f"method 'unrolled' cannot look ahead through penalty {name!r}, which changes D's weights after a "
                "step; choose a penalty that is a term of D's loss."
            )

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """`feed.d_steps` discriminator steps, then a generator step against the D of the unrolled steps.

        The unrolled steps are `steps` further D steps. They change copies of D's parameters and buffers, not D itself.
        """
        for _ in range(feed.d_steps):
            real = discriminator_round(self.game, players, feed)
        inputs = generator_inputs(self.game, feed, real)
        g, d = players["generator"], players["discriminator"]
        if self.steps == 0:
            feed.record("g", generator_step(self.game, g, d, **inputs))
            return
        unrolled = unrolled_discriminator(self.game, g, d, inputs, self.steps, penalty_draws(self.game, feed))
        objective, aux = generator_objective(self.game, g.parameters, g.buffers, *unrolled, **inputs)
        norm = descend(g, torch.autograd.grad(objective, list(g.parameters.values())), aux.buffers)
        feed.record("g", torch.cat((aux.stats, norm)))


build = Unrolled


def unrolled_discriminator(
    game: Game,
    generator: Player,
    discriminator: Player,
    inputs: Mapping[str, Any],
    steps: int,
    draws: Mapping[str, Tensor],
) -> tuple[Tensors, Tensors]:
    """D's parameters and buffers after `steps` steps.

    The parameters are differentiable functions of G's parameters (equation 7). The buffers are constants.

    Args:
        inputs: arguments of the generator step (gan_bench.game.rounds.generator_inputs).
        draws: random numbers of the penalty, the same in all steps.
    """
    optimizer = InnerOptimizer(discriminator)
    parameters, buffers = dict(discriminator.parameters), dict(discriminator.buffers)
    for _ in range(steps):
        images = game.generator(generator.parameters, copy_of(generator.buffers), inputs["z"])
        fake = {"images": images, **game.layout.classes_and_codes(inputs["z"]), "draws": inputs["fake_draws"]}
        objective, aux = discriminator_objective(
            game, parameters, buffers, inputs["real"], fake, draws, inputs["progress"], detach=False
        )
        gradients = torch.autograd.grad(objective, list(parameters.values()), create_graph=True)
        parameters, buffers = optimizer.step(parameters, gradients), {k: v.detach() for k, v in aux.buffers.items()}
    return parameters, buffers


Moments = dict[str, Any]


class InnerOptimizer:
    """A copy of a player's optimizer with differentiable steps. The player does not change."""

    def __init__(self, player: Player) -> None:
        """Copy the optimizer's state. UserError if the optimizer is not Adam, RMSprop or SGD."""
        assert player.optimizer is not None
        kind = type(player.optimizer)
        if kind not in STEPS:
            names = ", ".join(known.__name__ for known in STEPS)
            raise UserError(f"method 'unrolled' cannot look ahead through {kind.__name__}; valid: {names}.")
        self.step_of = STEPS[kind]
        self.settings: Mapping[str, Any] = player.optimizer.param_groups[0]
        state = player.optimizer.state
        self.moments: list[Moments] = [
            {
                name: value.detach().clone() if isinstance(value, Tensor) else value
                for name, value in state.get(parameter, {}).items()
            }
            for parameter in player.parameters.values()
        ]

    def step(self, parameters: Mapping[str, Tensor], gradients: Sequence[Tensor]) -> dict[str, Tensor]:
        """The parameters after one step. `gradients` are in the order of `parameters`."""
        moved: dict[str, Tensor] = {}
        for i, ((name, parameter), gradient) in enumerate(zip(parameters.items(), gradients, strict=True)):
            update, self.moments[i] = self.step_of(gradient, self.settings, self.moments[i])
            moved[name] = parameter - update
        return moved


def _adam(gradient: Tensor, settings: Mapping[str, Any], moments: Moments) -> tuple[Tensor, Moments]:
    """Change of a parameter, and its new moments, by Kingma & Ba 2015 (arXiv:1412.6980), Algorithm 1.

    `_root` takes the root of a squared gradient, so that a gradient of 0 gives no infinity.
    """
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
    """Square root, with gradient 0 where the value is 0 (autograd would give infinity)."""
    positive = square > 0
    root = torch.where(positive, square, torch.ones_like(square)).sqrt()
    return torch.where(positive, root, torch.zeros_like(square))


STEPS: dict[type, Any] = {torch.optim.Adam: _adam, torch.optim.RMSprop: _rmsprop, torch.optim.SGD: _sgd}
