"""Methods: a file of this folder says how a generator is made: by a game, by likelihood, or without training.

A method file declares FACTS with, besides paper, settings and deviations:
  "uses"         list of the keys of a run that it reads, among those of gan_bench.run_keys.USABLE; the others are null
                 in its runs
  "adversarial"  True where a discriminator's loss is part of it: its history can be judged for collapse
  "bf16"         optional: True where its networks' passes can be in bfloat16 (the key precision of a run)
  "excludes"     optional: {key of a run: names of components that it cannot be combined with}
  "deals"        optional: the split whose images it deals out as samples ("train" or "test")
and has `build(setup: Setup) -> Program`. Whatever is random in an image is in its row of z: images are a function of
the generator's tensors and z alone. This module imports no torch, so that a check of a study stays light.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.game.feed import Feed

if TYPE_CHECKING:
    from torch import Tensor

    from gan_bench.data import DataSet
    from gan_bench.game.network import Network, Tensors
    from gan_bench.game.opinion import Opinion
    from gan_bench.game.player import Player

__all__ = ["Feed", "Program", "Setup", "build"]


@dataclass(frozen=True)
class Setup:
    """What a program is built from: a run's settings, the shape (C, H, W) of its images, and its number of classes.

    `classes` is 0 for a data set without labels.
    """

    settings: Mapping[str, Any]
    shape: tuple[int, int, int]
    classes: int = 0


@dataclass(frozen=True)
class Program:
    """A method with its settings bound. It holds no parameter that changes and draws nothing by itself.

    networks: by player's name, in the order in which their initial laws are drawn; "generator" is what is stored and
        sampled.
    optimizers: player's name -> resolved reference; none for a network that is not trained.
    stats: names of what a step reports: {"d": (...), "g": (...)}; "d" is empty without a discriminator.
    initialise(rng): fills the networks' modules in place.
    draw(rng, n) -> z float32 (n, ...): all that is random in n images; its first rows do not depend on n.
    images(tensors, z) -> float32 (n, C, H, W) in [-1, 1]: from the generator's parameters and buffers, in eval mode.
    iterate(players, feed): one generator step with what belongs to it; None for a program without training.
    fit(data, rng): fills the buffers of the generator's module in place, before players are made; None where nothing
        is learnt from data at once.
    class_columns: columns of z that are a one-hot class; None where no class can be asked for.
    opinion(discriminator, real, fake, classes or None, progress) -> what D says of plain images at a log point (see
        gan_bench.game.opinion); None for a program without a discriminator.
    one_pass: whether images come of one pass of the generator, so that they can be made at every log point.
    """

    networks: Mapping[str, Network]
    stats: Mapping[str, Sequence[str]]
    initialise: Callable[[np.random.Generator], None]
    draw: Callable[[np.random.Generator, int], np.ndarray]
    images: Callable[[Tensors, Tensor], Tensor]
    optimizers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    iterate: Callable[[Mapping[str, Player], Feed], None] | None = None
    fit: Callable[[DataSet, np.random.Generator], None] | None = None
    class_columns: slice | None = None
    opinion: Callable[[Player, Tensor, Tensor, Tensor | None, Tensor], Opinion | None] | None = None
    one_pass: bool = True


def build(setup: Setup) -> Program:
    """The program that a run's settings name. UserError where it does not take the shape or the other settings."""
    from gan_bench import registry

    program: Program = registry.load("methods", setup.settings["method"]["name"]).build(setup)
    return program
