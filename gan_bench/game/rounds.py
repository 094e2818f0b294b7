"""From what the loop offers to the sides of a step: minibatches, latents and the numbers of penalty and tricks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.game.feed import Feed
from gan_bench.game.front import Side
from gan_bench.game.game import Game
from gan_bench.game.latent import one_hot
from gan_bench.game.player import Player
from gan_bench.game.step import discriminator_step, made
from gan_bench.game.tricks import Tricks


def optimizers_of(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The players' optimizers after the tricks that change them."""
    g_ref, d_ref = settings["g_optimizer"], settings["d_optimizer"]
    for _, change in Tricks(settings["tricks"]).with_("optimizers"):
        g_ref, d_ref = change(g_ref, d_ref)
    return {"generator": g_ref, "discriminator": d_ref}


def progress_of(feed: Feed) -> Tensor:
    """Share of the training done, a scalar."""
    return feed.tensor(np.asarray(feed.progress, dtype=np.float32))


def real_side(game: Game, feed: Feed) -> Side:
    """The next real minibatch, with its classes where the game has any, and the tricks' numbers for it."""
    images, labels = feed.real()
    side: dict[str, Any] = {"images": images, "draws": trick_draws(game, feed)}
    if game.layout.classes:
        if labels is None:
            raise ValueError("a game with classes needs labels")
        side |= {"labels": labels, "classes": feed.tensor(one_hot(labels.cpu().numpy(), game.layout.classes))}
    return side


def latents(game: Game, feed: Feed, labels: Tensor | None = None) -> Tensor:
    """z (B, width); of the classes `labels` (B,) where given."""
    chosen = None if labels is None else labels.cpu().numpy()
    return feed.tensor(game.layout.draw(feed.rng("noise"), feed.batch_size, chosen))


def trick_draws(game: Game, feed: Feed) -> dict[str, dict[str, Tensor]]:
    """Random numbers of the tricks for one pass of a minibatch through D's front."""
    if not game.front.draws:
        return {}
    drawn = game.front.draw(feed.rng("tricks"), feed.batch_size, game.shape)
    return {trick: {name: feed.tensor(array) for name, array in arrays.items()} for trick, arrays in drawn.items()}


def penalty_draws(game: Game, feed: Feed) -> dict[str, Tensor]:
    """Random numbers of the penalty for one minibatch as D sees it."""
    packs, (channels, height, width) = game.front.packs, game.shape
    numbers = game.penalty_draw(feed.rng("penalty"), feed.batch_size // packs, (channels * packs, height, width))
    return {name: feed.tensor(array) for name, array in numbers.items()}


def discriminator_round(game: Game, players: Mapping[str, Player], feed: Feed) -> Side:
    """One D step on a fresh real minibatch and fresh latents, recorded; returns the real side.

    Generated images are of the classes of the real ones: a penalty between the two sides then stays within a class.
    """
    real = real_side(game, feed)
    draws = penalty_draws(game, feed)
    fake = made(game, players["generator"], latents(game, feed, real.get("labels")), trick_draws(game, feed))
    feed.record("d", discriminator_step(game, players["discriminator"], real, fake, draws, progress_of(feed)))
    return real


def generator_inputs(game: Game, feed: Feed, real: Side) -> dict[str, Any]:
    """z, real, fake_draws and progress of a G step after a D step on `real`.

    Classes are drawn anew, but for a loss that compares with real images: then they are those images' classes.
    """
    labels = real.get("labels") if game.generator_needs_real else None
    return {
        "z": latents(game, feed, labels),
        "real": real,
        "fake_draws": trick_draws(game, feed),
        "progress": progress_of(feed),
    }


def images_of(game: Game, tensors: Mapping[str, Tensor], z: Tensor) -> Tensor:
    """Images (n,C,H,W) of z by a generator with these parameters and buffers, in eval mode."""
    with torch.no_grad():
        return game.generator(dict(tensors), {}, z, training=False)
