"""The state of a run: everything that training changes. Checkpoints store it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench import registry
from gan_bench.data import DataSet
from gan_bench.game.latent import one_hot
from gan_bench.game.network import Network, Tensors
from gan_bench.game.player import Player
from gan_bench.methods import Program, Setup, build
from gan_bench.seeds import generators
from gan_bench.train.ema import Average
from gan_bench.train.monitor import SCORES, Monitor
from gan_bench.train.sampler import Sampler
from gan_bench.train.schedule import Schedule
from gan_bench.train.signals import Signals, signals_of
from gan_bench.train.snapshot import Frame, count_for


@dataclass
class State:
    """A run between two generator steps.

    average: the generator's running average; None if the run has none.
    signals: measures the signals at log points; None for a run without signals.
    frames: the pictures at snapshot steps.
    kept: the generator's tensors at checkpoint steps.
    continued: record of how the state of another run was taken over; None if the run began at step 0.
    """

    players: Mapping[str, Player]
    rngs: Mapping[str, np.random.Generator]
    sampler: Sampler | None
    monitor: Monitor
    snapshot_latents: Tensor
    average: Average | None = None
    signals: Signals | None = None
    step: int = 0
    seconds: float = 0.0
    frames: list[Frame] = field(default_factory=list)
    kept: list[tuple[int, Tensors]] = field(default_factory=list)
    continued: dict[str, Any] | None = None

    @property
    def generator(self) -> Tensors:
        """Parameters and buffers of the generator that is shown, stored and scored: the average if there is one."""
        return self.players["generator"].tensors if self.average is None else self.average.tensors


def setup_of(settings: Mapping[str, Any], data: DataSet) -> Setup:
    """The `Setup` from which the program of a run on `data` is built."""
    return Setup(settings, data.shape, len(data.classes or ()))


def start(
    setup: Setup, n_train: int, plan: Schedule, device: torch.device, data: DataSet | None = None
) -> tuple[Program, State]:
    """The program of a run and its state before the first step.

    The program is the run's method with its settings: a gan_bench.methods.Program. Random numbers come from the run's
    named streams.

    Without `data` the run has no signals. ValueError if the method has `fit` and `data` is None.
    """
    settings = setup.settings
    rngs = generators(settings["seed"])
    program = build(setup)
    program.initialise(rngs["init"])
    if program.fit is not None:
        if data is None:
            raise ValueError(f"method {settings['method']['name']!r} is fitted to data, but no data was given")
        program.fit(data, rngs["fit"])
    players = {name: _player(net, program.optimizers.get(name), device) for name, net in program.networks.items()}
    state = State(
        players=players,
        rngs=rngs,
        sampler=Sampler(n_train, plan.batch_size, rngs["data"]) if plan.g_steps else None,
        monitor=Monitor(plan, program.stats, device, SCORES if isinstance(settings.get("early_stop"), Mapping) else ()),
        snapshot_latents=torch.from_numpy(_snapshot_latents(program, setup, rngs["snapshot"])).to(device),
        average=None if settings["ema"] is None else Average(settings["ema"], players["generator"].tensors),
        signals=None if data is None else signals_of(program, data, rngs["signals"], device),
    )
    return program, state


def _snapshot_latents(program: Program, setup: Setup, rng: np.random.Generator) -> np.ndarray:
    """Latents of a run's pictures. For a conditional generator, the classes are in ascending order."""
    n = count_for(setup.shape)
    z = program.draw(rng, n)
    if program.class_columns is not None:
        z[:, program.class_columns] = one_hot(np.arange(n) * setup.classes // n, setup.classes)
    return z


def _player(network: Network, optimizer: Mapping[str, Any] | None, device: torch.device) -> Player:
    module = network.module
    parameters = {name: tensor.detach().to(device) for name, tensor in module.named_parameters()}
    buffers = {
        name: tensor.detach().to(device).clone() for name, tensor in [*module.named_buffers(), *network.extra.items()]
    }
    if optimizer is None:
        return Player({}, {**parameters, **buffers}, None)
    for parameter in parameters.values():
        parameter.requires_grad_()
    build_optimizer = registry.load("optimizers", optimizer["name"]).build
    return Player(parameters, buffers, build_optimizer(list(parameters.values()), optimizer))
