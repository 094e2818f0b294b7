"""Draws the arguments of a step (minibatches, latents, random numbers) from the training loop's feed; makes D steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.game.discriminator_input import Minibatch
from gan_bench.game.feed import Feed
from gan_bench.game.game import Game
from gan_bench.game.latent import one_hot
from gan_bench.game.player import Player
from gan_bench.game.step import discriminator_step, generated_minibatch
from gan_bench.game.tricks import Tricks


def optimizers_of(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Name and settings of each player's optimizer, after the changes by the run's tricks."""
    g_ref, d_ref = settings["g_optimizer"], settings["d_optimizer"]
    for _, change in Tricks(settings["tricks"]).hooks("optimizers"):
        g_ref, d_ref = change(g_ref, d_ref)
    return {"generator": g_ref, "discriminator": d_ref}


def discriminator_round(game: Game, players: Mapping[str, Player], feed: Feed) -> Minibatch:
    """Draw a minibatch and latents, make one D step (gan_bench.game.step.discriminator_step), and record its stats.

    Generated images have the same classes as the real images. So a penalty at points between a real and a generated
    image uses two images of the same class.

    Returns:
        The real minibatch, with the latents as "z".
    """
    real = real_minibatch(game, feed)
    draws = penalty_draws(game, feed)
    z = latents(game, feed, real.get("labels"))
    fake = generated_minibatch(game, players["generator"], z, trick_draws(game, feed))
    feed.record("d", discriminator_step(game, players["discriminator"], real, fake, draws, progress_of(feed)))
    return {**real, "z": z}


def generator_inputs(game: Game, feed: Feed, real: Minibatch) -> dict[str, Any]:
    """Arguments z, real, fake_draws and progress of a G step that follows a D step on `real`.

    Latents and classes are newly drawn, with two exceptions. If G's loss also reads real images, the classes are those
    of `real`. If the game shares latents, the whole z, with its classes, is that of the D step.
    """
    labels = real.get("labels") if game.generator_needs_real else None
    return {
        "z": real["z"] if game.shares_latents else latents(game, feed, labels),
        "real": real,
        "fake_draws": trick_draws(game, feed),
        "progress": progress_of(feed),
    }


def progress_of(feed: Feed) -> Tensor:
    """Share of the training that is done, a scalar."""
    return feed.tensor(np.asarray(feed.progress, dtype=np.float32))


def real_minibatch(game: Game, feed: Feed) -> Minibatch:
    """The next real minibatch, its classes if the game uses them, and the tricks' random numbers."""
    images, labels = feed.real()
    minibatch: dict[str, Any] = {"images": images, "draws": trick_draws(game, feed)}
    if game.layout.classes:
        if labels is None:
            raise ValueError("a game with classes needs labels")
        classes = feed.tensor(one_hot(labels.cpu().numpy(), game.layout.classes))
        minibatch |= {"labels": labels, "classes": classes}
    return minibatch


def latents(game: Game, feed: Feed, labels: Tensor | None = None) -> Tensor:
    """z (B, width) for classes `labels` (B,); if None, the classes are drawn."""
    classes = None if labels is None else labels.cpu().numpy()
    return feed.tensor(game.layout.draw(feed.rng("noise"), feed.batch_size, classes))


def trick_draws(game: Game, feed: Feed) -> dict[str, dict[str, Tensor]]:
    """Random numbers of the tricks for one minibatch of D."""
    if not game.d_input.draws:
        return {}
    draws = game.d_input.draw(feed.rng("tricks"), feed.batch_size, game.shape)
    return {trick: {name: feed.tensor(array) for name, array in arrays.items()} for trick, arrays in draws.items()}


def penalty_draws(game: Game, feed: Feed) -> dict[str, Tensor]:
    """Random numbers of the penalty for one minibatch of D's inputs."""
    packs, (channels, height, width) = game.d_input.packs, game.shape
    draws = game.penalty_draw(feed.rng("penalty"), feed.batch_size // packs, (channels * packs, height, width))
    return {name: feed.tensor(array) for name, array in draws.items()}
