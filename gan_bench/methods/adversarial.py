"""The adversarial game: discriminator steps and one generator step in turn."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from gan_bench.game.game import Game, build_game
from gan_bench.game.opinion import opinion
from gan_bench.game.player import Player
from gan_bench.game.rounds import discriminator_round, generator_inputs, images_of, optimizers_of
from gan_bench.game.step import generator_step, stats_of
from gan_bench.methods import Feed, Program, Setup

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, Algorithm 1 (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "uses": [
        "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer", "d_steps", "batch_size", "ema", "budget",
        "log_points", "snapshots",
    ],
    "adversarial": True,
    "bf16": True,
}  # fmt: skip


def build(setup: Setup) -> Program:
    """Players "generator" and "discriminator"; z as the game's layout has it."""
    game = build_game(setup.settings, setup.shape, setup.classes)
    return program_of(game, setup, partial(iterate, game))


def program_of(game: Game, setup: Setup, step: Any) -> Program:
    """The program of a game with `step(players, feed)` as its generator step."""
    return Program(
        networks={"generator": game.generator, "discriminator": game.discriminator},
        stats=stats_of(game),
        initialise=game.initialise,
        draw=game.layout.draw,
        images=partial(images_of, game),
        optimizers=optimizers_of(setup.settings),
        iterate=step,
        class_columns=game.layout.class_columns if game.layout.classes else None,
        opinion=partial(opinion, game),
    )


def iterate(game: Game, players: Mapping[str, Player], feed: Feed) -> None:
    """`feed.d_steps` discriminator steps, each on a fresh batch and fresh noise, then one generator step.

    A loss that compares with real images sees the batch of the last D step: no image is shown uncounted.
    """
    for _ in range(feed.d_steps):
        real = discriminator_round(game, players, feed)
    inputs = generator_inputs(game, feed, real)
    feed.record("g", generator_step(game, players["generator"], players["discriminator"], **inputs))
