"""One step of each player: the only place where a game's gradients flow.

The objectives are pure functions of dictionaries of tensors. They run unchanged under plain autograd, as in
`discriminator_step` and `generator_step` below, and under `torch.func.vmap(torch.func.grad_and_value(...,
has_aux=True))` over stacked parameters. All randomness comes in as arguments.

A step changes its own player and nothing else: the other player's buffers (running means) are used and left as
they are. So the generator's running means move once for each of its steps, however many steps D makes.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from gan_bench.game.front import Side
from gan_bench.game.game import Game
from gan_bench.game.loss import told_apart
from gan_bench.game.network import Tensors, copy_of
from gan_bench.game.player import Player, descend, global_norm

__all__ = ["DISCRIMINATOR_STATS", "GENERATOR_STATS", "Player", "global_norm"]

#: What a step reports, in this order. The last of each is the 2-norm of the gradient; the one before it is the
#: auxiliary objective, reported by games that have one.
DISCRIMINATOR_STATS = (
    "d_loss_real", "d_loss_fake", "penalty", "d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "d_acc", "gn_d",
)  # fmt: skip
GENERATOR_STATS = ("g_loss", "gn_g")


class Aux(NamedTuple):
    """What an objective gives beside its value: the player's buffers after the step, and its stats (k,)."""

    buffers: Tensors
    stats: Tensor


def stats_of(game: Game) -> dict[str, tuple[str, ...]]:
    """Names of what the steps of a game report: {"d": ..., "g": ...}."""
    if not game.auxiliaries:
        return {"d": DISCRIMINATOR_STATS, "g": GENERATOR_STATS}
    return {"d": (*DISCRIMINATOR_STATS[:-1], "d_auxiliary", "gn_d"), "g": ("g_loss", "g_auxiliary", "gn_g")}


def discriminator_objective(
    game: Game,
    params_d: Tensors,
    buffers_d: Tensors,
    real: Side,
    fake: Side,
    draws: Mapping[str, Tensor],
    progress: Tensor,
    *,
    detach: bool = True,
) -> tuple[Tensor, Aux]:
    """What D minimises, a scalar: real half + fake half + penalty + auxiliary; stats are `stats_of` less the norm.

    Both sides go through D as two batches (unless a trick joins them), so that a critic with batch norm never sees
    them mixed. No gradient reaches what made the fake images, unless `detach` is False. A penalty is taken where D
    looks: after the front.
    """
    if detach:
        fake = {**fake, "images": fake["images"].detach()}
    buffers = copy_of(buffers_d)
    seen = (game.front.seen(real, progress, real=True), game.front.seen(fake, progress, real=False))
    (on_real, rest_real), (on_fake, rest_fake) = judged(game, params_d, buffers, seen, real, fake)
    loss = game.loss.at(buffers_d)
    real_half, fake_half = game.halves(loss, on_real, on_fake, real, fake)
    objective = real_half + fake_half
    penalty = torch.zeros_like(objective)
    if game.penalty is not None:
        # Copies of the buffers in every call: what the penalty does to them is not part of the step.
        penalty = game.penalty(game.critic(params_d, lambda: copy_of(buffers_d), real), *seen, draws)
        objective = objective + penalty
    parts = [real_half, fake_half, penalty]
    stats = [torch.stack(parts).detach(), *_outputs(game, on_real, on_fake)]
    if game.auxiliaries:
        auxiliary = game.auxiliary(rest_real, real, real=True) + game.auxiliary(rest_fake, fake, real=False)
        objective = objective + auxiliary
        stats.append(auxiliary.detach().unsqueeze(0))
    buffers |= game.loss.updated(buffers_d, on_real, on_fake)
    return objective, Aux(buffers, torch.cat(stats))


def generator_objective(
    game: Game,
    params_g: Tensors,
    buffers_g: Tensors,
    params_d: Tensors,
    buffers_d: Tensors,
    z: Tensor,
    real: Side,
    fake_draws: Mapping[str, Mapping[str, Tensor]],
    progress: Tensor,
) -> tuple[Tensor, Aux]:
    """What G minimises, a scalar, for z (B, width); stats are `stats_of` less the norm.

    `real` is looked at only where the loss compares with real images; `fake_draws` are the tricks' numbers for G's
    images on their way into D.
    """
    buffers, others = copy_of(buffers_g), copy_of(buffers_d)
    fake = {"images": game.generator(params_g, buffers, z), **game.layout.given(z), "draws": fake_draws}
    seen_fake = game.front.seen(fake, progress, real=False)
    on_real = None
    if game.generator_needs_real:
        seen = (game.front.seen(real, progress, real=True), seen_fake)
        (on_real, _), (on_fake, rest) = judged(game, params_d, others, seen, real, fake)
    else:
        on_fake, rest = game.read(game.discriminator(params_d, others, game.front.with_classes(seen_fake, fake)))
    objective = game.g_loss(game.loss.at(buffers_d), on_real, on_fake)
    stats = [objective.detach()]
    if game.auxiliaries:
        auxiliary = game.auxiliary(rest, fake, real=False)
        objective = objective + auxiliary
        stats.append(auxiliary.detach())
    return objective, Aux(buffers, torch.stack(stats))


def made(game: Game, generator: Player, z: Tensor, draws: Mapping[str, Mapping[str, Tensor]]) -> Side:
    """Generated images of z (B, width) as one side of a D step; G's running means stay as they are."""
    with torch.no_grad():
        images = game.generator(generator.parameters, copy_of(generator.buffers), z)
    return {"images": images, **game.layout.given(z), "draws": draws}


def discriminator_step(
    game: Game, discriminator: Player, real: Side, fake: Side, draws: Mapping[str, Tensor], progress: Tensor
) -> Tensor:
    """Update D in place on a real and a generated minibatch; returns its stats, (k,). `draws` are the penalty's."""
    player = discriminator
    objective, aux = discriminator_objective(game, player.parameters, player.buffers, real, fake, draws, progress)
    gradients = torch.autograd.grad(objective, list(player.parameters.values()))
    norm = descend(player, gradients, aux.buffers)
    if game.after_step is not None:
        game.after_step(list(player.parameters.values()))
    return torch.cat((aux.stats, norm))


def generator_step(
    game: Game,
    generator: Player,
    discriminator: Player,
    z: Tensor,
    real: Side,
    fake_draws: Mapping[str, Mapping[str, Tensor]],
    progress: Tensor,
) -> Tensor:
    """Update G in place against a frozen D; returns its stats, (k,)."""
    d, g = discriminator, generator
    objective, aux = generator_objective(
        game, g.parameters, g.buffers, d.parameters, d.buffers, z, real, fake_draws, progress
    )
    norm = descend(g, torch.autograd.grad(objective, list(g.parameters.values())), aux.buffers)
    return torch.cat((aux.stats, norm))


def judged(
    game: Game, params_d: Tensors, buffers: Tensors, seen: tuple[Tensor, Tensor], real: Side, fake: Side
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Logits and the rest of D's outputs for what is seen of both sides."""

    def call(x: Tensor) -> Tensor:
        return game.discriminator(params_d, buffers, x)

    inputs = game.front.with_classes(seen[0], real), game.front.with_classes(seen[1], fake)
    outputs = (call(inputs[0]), call(inputs[1])) if game.judge is None else game.judge(call, *inputs)
    return game.read(outputs[0]), game.read(outputs[1])


def _outputs(game: Game, on_real: Tensor, on_fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Means (2,) of D's output on real and fake images as it is reported; sds (2,) of the logits, dividing by B; the
    share (1,) of all logits on the right side of the threshold."""
    logits = torch.stack((on_real, on_fake)).detach()
    sd, mean = torch.std_mean(logits, dim=1, correction=0)
    right = torch.cat(told_apart(on_real.detach(), on_fake.detach(), game.threshold))
    shown = torch.sigmoid(logits).mean(dim=1) if game.output == "sigmoid" else mean
    return shown, sd, right.mean(dim=0, keepdim=True, dtype=logits.dtype)
