"""All that training changes, in one place: what a run starts from and what resuming needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench import registry
from gan_bench.seeds import generators
from gan_bench.train.game import Game, Shape, build_game, draw_latents
from gan_bench.train.monitor import Monitor
from gan_bench.train.sampler import Sampler
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import N_IMAGES, Frame
from gan_bench.train.step import Player


@dataclass
class State:
    """A run between two generator steps."""

    generator: Player
    discriminator: Player
    rngs: Mapping[str, np.random.Generator]
    sampler: Sampler
    monitor: Monitor
    snapshot_latents: Tensor
    step: int = 0
    seconds: float = 0.0
    frames: list[Frame] = field(default_factory=list)


def start(
    settings: Mapping[str, Any], shape: Shape, n_train: int, plan: Schedule, device: torch.device
) -> tuple[Game, State]:
    """The game of a run and its state before the first step; every draw by the run's named generators."""
    rngs = generators(settings["seed"])
    game = build_game(settings, shape, rngs["init"])
    latents = draw_latents(rngs["snapshot"], N_IMAGES, game.latent_dim)
    state = State(
        generator=_player(game.generator.module, settings["g_optimizer"], device),
        discriminator=_player(game.discriminator.module, settings["d_optimizer"], device),
        rngs=rngs,
        sampler=Sampler(n_train, settings["batch_size"], rngs["data"]),
        monitor=Monitor(plan, device),
        snapshot_latents=torch.from_numpy(latents).to(device),
    )
    return game, state


def _player(module: nn.Module, optimizer: Mapping[str, Any], device: torch.device) -> Player:
    parameters = {name: own.detach().to(device).requires_grad_() for name, own in module.named_parameters()}
    buffers = {name: own.detach().to(device).clone() for name, own in module.named_buffers()}
    build = registry.load("optimizers", optimizer["name"]).build
    return Player(parameters, buffers, build(list(parameters.values()), optimizer))
