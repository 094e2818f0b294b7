"""The adversarial game: some discriminator steps, then one generator step, and so on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.game.discriminator_report import DiscriminatorReport, report
from gan_bench.game.game import build_game
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player
from gan_bench.game.rounds import discriminator_round, generator_inputs, optimizers_of
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


class Adversarial(Program):
    """A program with the players "generator" and "discriminator". The game's LatentLayout defines the columns of z."""

    def __init__(self, setup: Setup) -> None:
        self.game = build_game(setup.settings, setup.shape, setup.classes)
        self.networks = {"generator": self.game.generator, "discriminator": self.game.discriminator}
        self.optimizers = optimizers_of(setup.settings)
        self.stats = stats_of(self.game)
        self.class_columns = self.game.layout.class_columns if self.game.layout.classes else None

    def initialise(self, rng: np.random.Generator) -> None:
        self.game.initialise(rng)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return self.game.layout.draw(rng, n)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        with torch.no_grad():
            return self.game.generator(dict(tensors), {}, z, training=False)

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """`feed.d_steps` discriminator steps, each on a new minibatch and new latents, then one generator step.

        If G's loss also reads real images, it gets the minibatch of the last discriminator step, whose images are
        already counted in the budget. See gan_bench.game.rounds.discriminator_round and
        gan_bench.game.step.generator_step.
        """
        for _ in range(feed.d_steps):
            real = discriminator_round(self.game, players, feed)
        inputs = generator_inputs(self.game, feed, real)
        feed.record("g", generator_step(self.game, players["generator"], players["discriminator"], **inputs))

    def opinion(
        self, discriminator: Player, real: Tensor, fake: Tensor, classes: Tensor | None, progress: Tensor
    ) -> DiscriminatorReport | None:
        return report(self.game, discriminator, real, fake, classes, progress)


build = Adversarial
