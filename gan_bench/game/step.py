"""The objective of each player, and one step of each player.

`discriminator_step` and `generator_step` differentiate `discriminator_objective` and `generator_objective` and make an
optimizer step. gan_bench.methods.unrolled and gan_bench.stacking differentiate the same objectives, but make their own
steps. The objectives are pure functions of dictionaries of tensors: all random numbers are arguments. The objectives
run unchanged under plain autograd and under `torch.func.vmap(torch.func.grad_and_value(..., has_aux=True))` over
stacked parameters.

A step changes only its own player. The buffers (running statistics) of the other player are read but not changed. So
the generator's running statistics are updated once per G step, however many D steps come before it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from gan_bench.game.discriminator_input import Minibatch
from gan_bench.game.game import Game
from gan_bench.game.loss import correctly_classified
from gan_bench.game.network import Tensors, copy_of
from gan_bench.game.player import Player, descend, global_norm

__all__ = ["DISCRIMINATOR_STATS", "GENERATOR_STATS", "Player", "global_norm"]

#: Names of the numbers that a step reports, in this order. The last number is the 2-norm of the gradient. In a game
#: with auxiliary objectives, a step also reports the sum of these objectives, before the gradient norm (`stats_of`).
DISCRIMINATOR_STATS = (
    "d_loss_real", "d_loss_fake", "penalty", "d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "d_acc", "gn_d",
)  # fmt: skip
GENERATOR_STATS = ("g_loss", "gn_g")


class Aux(NamedTuple):
    """Second result of an objective: the player's buffers after the step, and the step's stats (k,)."""

    buffers: Tensors
    stats: Tensor


def stats_of(game: Game) -> dict[str, tuple[str, ...]]:
    """Names of the numbers that the steps of a game report: {"d": ..., "g": ...}."""
    if not game.auxiliaries:
        return {"d": DISCRIMINATOR_STATS, "g": GENERATOR_STATS}
    return {"d": (*DISCRIMINATOR_STATS[:-1], "d_auxiliary", "gn_d"), "g": ("g_loss", "g_auxiliary", "gn_g")}


def discriminator_step(
    game: Game, discriminator: Player, real: Minibatch, fake: Minibatch, draws: Mapping[str, Tensor], progress: Tensor
) -> Tensor:
    """Update D in place on a real and a generated minibatch, by `discriminator_objective`.

    Args:
        draws: random numbers of the penalty.
        progress: share of the training that is done, a scalar.

    Returns:
        The stats (k,) of the step, named by `stats_of`.
    """
    player = discriminator
    objective, aux = discriminator_objective(game, player.parameters, player.buffers, real, fake, draws, progress)
    gradients = torch.autograd.grad(objective, list(player.parameters.values()))
    norm = descend(player, gradients, aux.buffers)
    if game.after_step is not None:
        game.after_step(list(player.parameters.values()))
    return torch.cat((aux.stats, norm))


def discriminator_objective(
    game: Game,
    params_d: Tensors,
    buffers_d: Tensors,
    real: Minibatch,
    fake: Minibatch,
    draws: Mapping[str, Tensor],
    progress: Tensor,
    *,
    detach: bool = True,
) -> tuple[Tensor, Aux]:
    """D's objective, a scalar: loss on real images + loss on generated images + penalty + auxiliary objectives.

    Real and generated images go through D as two minibatches, so that batch norm does not mix them. A trick can join
    the two minibatches. The loss is `Game.halves`. The penalty gets the images after all tricks that change images.

    Args:
        draws: random numbers of the penalty.
        detach: whether the generated images are constants. With False, gradients also flow into the generator.

    Returns:
        The objective, and an `Aux` with D's buffers and the stats of `stats_of` except the gradient norm.
    """
    if detach:
        fake = {**fake, "images": fake["images"].detach()}
    buffers = copy_of(buffers_d)
    inputs = (game.d_input.transform(real, progress, real=True), game.d_input.transform(fake, progress, real=False))
    (on_real, heads_real), (on_fake, heads_fake) = discriminate_both(game, params_d, buffers, inputs, real, fake)
    loss = game.loss.at(buffers_d)
    real_half, fake_half = game.halves(loss, on_real, on_fake, real, fake)
    objective = real_half + fake_half
    penalty = torch.zeros_like(objective)
    if game.penalty is not None:
        # The critic gets copies of the buffers: forward passes of the penalty must not change running statistics.
        penalty = game.penalty(game.critic(params_d, lambda: copy_of(buffers_d), real), *inputs, draws)
        objective = objective + penalty
    parts = [real_half, fake_half, penalty]
    stats = [torch.stack(parts).detach(), *_output_stats(game, on_real, on_fake)]
    if game.auxiliaries:
        auxiliary = game.auxiliary(heads_real, real, real=True) + game.auxiliary(heads_fake, fake, real=False)
        objective = objective + auxiliary
        stats.append(auxiliary.detach().unsqueeze(0))
    buffers |= game.loss.updated(buffers_d, on_real, on_fake)
    return objective, Aux(buffers, torch.cat(stats))


def generator_step(
    game: Game,
    generator: Player,
    discriminator: Player,
    z: Tensor,
    real: Minibatch,
    fake_draws: Mapping[str, Mapping[str, Tensor]],
    progress: Tensor,
) -> Tensor:
    """Update G in place with D fixed, by `generator_objective`. Returns the stats (k,), named by `stats_of`."""
    d, g = discriminator, generator
    objective, aux = generator_objective(
        game, g.parameters, g.buffers, d.parameters, d.buffers, z, real, fake_draws, progress
    )
    norm = descend(g, torch.autograd.grad(objective, list(g.parameters.values())), aux.buffers)
    return torch.cat((aux.stats, norm))


def generator_objective(
    game: Game,
    params_g: Tensors,
    buffers_g: Tensors,
    params_d: Tensors,
    buffers_d: Tensors,
    z: Tensor,
    real: Minibatch,
    fake_draws: Mapping[str, Mapping[str, Tensor]],
    progress: Tensor,
) -> tuple[Tensor, Aux]:
    """G's objective, a scalar: its loss (`Game.generator_loss`) + auxiliary objectives.

    Args:
        z: latents (B, width).
        real: used only if G's loss also reads logits of real images.
        fake_draws: the tricks' random numbers for the generated images.
        progress: share of the training that is done, a scalar.

    Returns:
        The objective, and an `Aux` with G's buffers and the stats of `stats_of` except the gradient norm.
    """
    buffers, d_buffers = copy_of(buffers_g), copy_of(buffers_d)
    fake = {"images": game.generator(params_g, buffers, z), **game.layout.classes_and_codes(z), "draws": fake_draws}
    fake_input = game.d_input.transform(fake, progress, real=False)
    on_real = None
    if game.generator_needs_real:
        inputs = (game.d_input.transform(real, progress, real=True), fake_input)
        (on_real, _), (on_fake, heads) = discriminate_both(game, params_d, d_buffers, inputs, real, fake)
    else:
        output = game.discriminator(params_d, d_buffers, game.d_input.with_class_planes(fake_input, fake))
        on_fake, heads = game.split_output(output)
    objective = game.generator_loss(game.loss.at(buffers_d), on_real, on_fake)
    stats = [objective.detach()]
    if game.auxiliaries:
        auxiliary = game.auxiliary(heads, fake, real=False)
        objective = objective + auxiliary
        stats.append(auxiliary.detach())
    return objective, Aux(buffers, torch.stack(stats))


def generated_minibatch(
    game: Game, generator: Player, z: Tensor, draws: Mapping[str, Mapping[str, Tensor]]
) -> Minibatch:
    """The generated minibatch of a D step, with images from z (B, width).

    There are no gradients, and G's running statistics do not change.

    Args:
        draws: the tricks' random numbers for these images.
    """
    with torch.no_grad():
        images = game.generator(generator.parameters, copy_of(generator.buffers), z)
    return {"images": images, **game.layout.classes_and_codes(z), "draws": draws}


def discriminate_both(
    game: Game, params_d: Tensors, buffers: Tensors, inputs: tuple[Tensor, Tensor], real: Minibatch, fake: Minibatch
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Call D on the transformed images of both minibatches.

    Args:
        inputs: `DiscriminatorInput.transform` of the real and of the generated minibatch.

    Returns:
        Two pairs, for real and for generated images: logits (B,) and auxiliary heads (B, E).
    """

    def call(x: Tensor) -> Tensor:
        return game.discriminator(params_d, buffers, x)

    x_real, x_fake = game.d_input.with_class_planes(inputs[0], real), game.d_input.with_class_planes(inputs[1], fake)
    outputs = (call(x_real), call(x_fake)) if game.judge is None else game.judge(call, x_real, x_fake)
    return game.split_output(outputs[0]), game.split_output(outputs[1])


def _output_stats(game: Game, on_real: Tensor, on_fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Statistics of D's outputs: d_real and d_fake (2,), lg_real_sd and lg_fake_sd (2,), d_acc (1,).

    d_real and d_fake are mean probabilities or mean logits, as `game.output` says. lg_real_sd and lg_fake_sd are
    standard deviations of logits with divisor B. d_acc is the share of logits, of real and generated images together,
    on the correct side of the threshold.
    """
    logits = torch.stack((on_real, on_fake)).detach()
    sd, mean = torch.std_mean(logits, dim=1, correction=0)
    correct = torch.cat(correctly_classified(on_real.detach(), on_fake.detach(), game.threshold))
    outputs = torch.sigmoid(logits).mean(dim=1) if game.output == "sigmoid" else mean
    return outputs, sd, correct.mean(dim=0, keepdim=True, dtype=logits.dtype)
