"""One step of each player: the only place where gradients flow.

The objectives are pure functions of dictionaries of tensors. They run unchanged under plain autograd, as in
`discriminator_step` and `generator_step` below, and under `torch.func.vmap(torch.func.grad_and_value(...,
has_aux=True))` over stacked parameters. All randomness comes in as arguments.

A step changes its own player and nothing else: the other player's buffers (running means) are used and left as
they are. So the generator's running means move once for each of its steps, however many steps D makes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from gan_bench.train.game import Game
from gan_bench.train.network import Tensors, copy_of

#: What a step reports, in this order. The last of each is the 2-norm of the gradient.
DISCRIMINATOR_STATS = (
    "d_loss_real", "d_loss_fake", "penalty", "d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "gn_d",
)  # fmt: skip
GENERATOR_STATS = ("g_loss", "gn_g")


class Aux(NamedTuple):
    """What an objective gives beside its value: the player's buffers after the step, and its stats (k,)."""

    buffers: Tensors
    stats: Tensor


@dataclass
class Player:
    """Everything of one network that training changes. The parameters are leaves that require gradients."""

    parameters: Tensors
    buffers: Tensors
    optimizer: torch.optim.Optimizer


def discriminator_objective(
    game: Game, params_d: Tensors, buffers_d: Tensors, real: Tensor, fake: Tensor, draws: Mapping[str, Tensor]
) -> tuple[Tensor, Aux]:
    """What D minimises, a scalar: real half + fake half + penalty; stats are `DISCRIMINATOR_STATS` less the norm.

    real, fake (B,C,H,W) in [-1, 1] go through D as two batches, so that a critic with batch norm never sees them
    mixed. No gradient reaches what made `fake`.
    """
    fake = fake.detach()
    buffers = copy_of(buffers_d)
    on_real = game.discriminator(params_d, buffers, real)
    on_fake = game.discriminator(params_d, buffers, fake)
    real_half, fake_half = game.discriminator_loss(on_real, on_fake)
    objective = real_half + fake_half
    penalty = torch.zeros_like(objective)
    if game.penalty is not None:
        # Copies of the buffers in every call: what the penalty does to them is not part of the step.
        penalty = game.penalty(lambda x: game.discriminator(params_d, copy_of(buffers_d), x), real, fake, draws)
        objective = objective + penalty
    values = torch.stack((real_half, fake_half, penalty)).detach()
    return objective, Aux(buffers, torch.cat((values, *_outputs(game, on_real, on_fake))))


def generator_objective(
    game: Game, params_g: Tensors, buffers_g: Tensors, params_d: Tensors, buffers_d: Tensors, z: Tensor, real: Tensor
) -> tuple[Tensor, Aux]:
    """What G minimises, a scalar, for latents z (B,Z); stats are `GENERATOR_STATS` less the norm.

    `real` (B,C,H,W) is looked at only where the loss compares with real images.
    """
    buffers, others = copy_of(buffers_g), copy_of(buffers_d)
    fake = game.generator(params_g, buffers, z)
    on_real = game.discriminator(params_d, others, real) if game.generator_needs_real else None
    objective = game.generator_loss(on_real, game.discriminator(params_d, others, fake))
    return objective, Aux(buffers, objective.detach().unsqueeze(0))


def discriminator_step(
    game: Game, generator: Player, discriminator: Player, real: Tensor, z: Tensor, draws: Mapping[str, Tensor]
) -> Tensor:
    """Update D in place on a real batch and on fakes of `z`; returns `DISCRIMINATOR_STATS`, (8,)."""
    with torch.no_grad():
        fake = game.generator(generator.parameters, copy_of(generator.buffers), z)
    objective, aux = discriminator_objective(game, discriminator.parameters, discriminator.buffers, real, fake, draws)
    norm = _descend(discriminator, objective, aux)
    if game.after_step is not None:
        game.after_step(list(discriminator.parameters.values()))
    return torch.cat((aux.stats, norm))


def generator_step(game: Game, generator: Player, discriminator: Player, z: Tensor, real: Tensor) -> Tensor:
    """Update G in place against a frozen D; returns `GENERATOR_STATS`, (2,)."""
    objective, aux = generator_objective(
        game, generator.parameters, generator.buffers, discriminator.parameters, discriminator.buffers, z, real
    )
    return torch.cat((aux.stats, _descend(generator, objective, aux)))


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """2-norm of all numbers in `tensors` together, a scalar; not finite where one of them is not."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors))))


def _outputs(game: Game, on_real: Tensor, on_fake: Tensor) -> tuple[Tensor, Tensor]:
    """Means (2,) of D's output on real and fake images as it is reported; sds (2,) of the logits, dividing by B."""
    logits = torch.stack((on_real, on_fake)).detach()
    sd, mean = torch.std_mean(logits, dim=1, correction=0)
    return (torch.sigmoid(logits).mean(dim=1) if game.output == "sigmoid" else mean), sd


def _descend(player: Player, objective: Tensor, aux: Aux) -> Tensor:
    """One step of the player's optimizer; returns the gradient's 2-norm before it, (1,)."""
    parameters = list(player.parameters.values())
    gradients = torch.autograd.grad(objective, parameters)
    norm = global_norm(gradients).unsqueeze(0)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    player.optimizer.step()
    for parameter in parameters:
        parameter.grad = None
    player.buffers = aux.buffers
    return norm
