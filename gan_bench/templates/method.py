"""Example of a new training method: steps of D and G with the cross-entropy, written out."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_bench import models
from gan_bench.game.latent import draw_latents
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.methods import Feed, Program, Setup

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, Algorithm 1 (arXiv:1406.2661)",
    "settings": {"noise": {"type": "float", "default": 1.0, "above": 0, "help": "standard deviation of z"}},
    "deviations": [],
    "uses": [
        "model", "g_optimizer", "d_optimizer", "d_steps", "batch_size", "ema", "budget", "log_points", "snapshots",
    ],
    "adversarial": True,
}  # fmt: skip


class OwnStep(Program):
    """A program with the players "generator" and "discriminator"; z ~ N(0, noise^2)."""

    def __init__(self, setup: Setup) -> None:
        self.pair = models.build(setup.settings["model"], setup.shape)
        self.noise = float(setup.settings["method"]["noise"])
        self.networks = {"generator": Network(self.pair.generator), "discriminator": Network(self.pair.discriminator)}
        self.optimizers = {player: setup.settings[f"{player[0]}_optimizer"] for player in self.networks}
        self.stats = {"d": ("d_loss", "d_real", "d_fake", "gn_d"), "g": ("g_loss", "gn_g")}

    def initialise(self, rng: np.random.Generator) -> None:
        models.initialise_pair(self.pair, rng)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return (self.noise * draw_latents(rng, n, self.pair.latent_dim)).astype(np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        with torch.no_grad():
            return self.networks["generator"](dict(tensors), {}, z, training=False)

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """`feed.d_steps` steps of D and one step of G. A step changes copies of buffers; `descend` stores them."""
        g, d = players["generator"], players["discriminator"]
        g_net, d_net = self.networks["generator"], self.networks["discriminator"]
        for _ in range(feed.d_steps):
            x, _ = feed.real()
            z = feed.tensor(self.draw(feed.rng("noise"), feed.batch_size))
            fake = g_net(g.parameters, copy_of(g.buffers), z).detach()
            buffers = copy_of(d.buffers)
            judge = partial(d_net, d.parameters, buffers)
            on_real, on_fake = judge(x), judge(fake)
            loss = softplus(-on_real).mean() + softplus(on_fake).mean()
            norm = descend(d, torch.autograd.grad(loss, list(d.parameters.values())), buffers)
            means = torch.stack((loss, on_real.sigmoid().mean(), on_fake.sigmoid().mean())).detach()
            feed.record("d", torch.cat((means, norm)))
        z, buffers = feed.tensor(self.draw(feed.rng("noise"), feed.batch_size)), copy_of(g.buffers)
        loss = softplus(-d_net(d.parameters, copy_of(d.buffers), g_net(g.parameters, buffers, z))).mean()
        norm = descend(g, torch.autograd.grad(loss, list(g.parameters.values())), buffers)
        feed.record("g", torch.cat((loss.detach().unsqueeze(0), norm)))


build = OwnStep
