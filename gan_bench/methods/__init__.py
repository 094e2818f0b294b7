"""Methods: a file of this folder makes a generator by an adversarial game, by likelihood, or without training.

A method file defines `build(setup: Setup) -> Program`, and FACTS. Besides "paper", "settings" and "deviations", FACTS
has these keys:
  "uses"         list of the keys in gan_bench.run_keys.USABLE that the method reads; the other keys are null in its
                 runs
  "adversarial"  True if the generator trains against a discriminator; the collapse detector reads only such runs
  "bf16"         optional: True if the networks can run in bfloat16 (the key precision of a run)
  "excludes"     optional: {key of a run: names of components that the method cannot be combined with}
  "deals"        optional: the split ("train" or "test") whose images the method returns as its samples. If a metric
                 compares the samples with this split, it compares one half of the split with the other
The smallest complete examples are vae.py (with training) and mean_image.py
(without training). This module does not import torch, so that checking a study is fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.errors import UserError, unknown_name
from gan_bench.game.feed import Feed

if TYPE_CHECKING:
    from torch import Tensor

    from gan_bench.data import DataSet
    from gan_bench.game.discriminator_report import DiscriminatorReport
    from gan_bench.game.network import Network, Tensors
    from gan_bench.game.player import Player

__all__ = ["MEMBERS", "REQUIRED", "Feed", "Program", "Setup", "build"]

#: REQUIRED: members that each method must define. MEMBERS: these and the members for which Program has a default.
REQUIRED = ("networks", "stats", "initialise", "draw", "images")
MEMBERS = (*REQUIRED, "optimizers", "class_columns", "one_pass", "iterate", "fit", "opinion")


@dataclass(frozen=True)
class Setup:
    """Input of a method's `build`: a run's settings, the shape (C, H, W) of its images, and the number of classes.

    `classes` is 0 for a data set without labels.
    """

    settings: Mapping[str, Any]
    shape: tuple[int, int, int]
    classes: int = 0


class Program:
    """A method with the settings of one run: the interface between a method and the training loop.

    Most methods define a subclass. The subclass sets `networks` and `stats` in `__init__` and defines the methods
    below. Optional members are None, empty or True in this class. The training code calls a program in this order:

      initialise, fit           once, before training (gan_bench.train.state.start)
      iterate                   once per generator step (gan_bench.train.loop.iterate)
      draw, images, opinion     at log points, at snapshots and for evaluation

    A program contains no tensor that training changes. Parameters, buffers and the optimizer of a network form a player
    (gan_bench.game.player); gan_bench.train.state.start makes the players from `networks` and `optimizers`. A program
    draws random numbers only from random generators that are passed to it.
    """

    networks: Mapping[str, Network]
    """Network of each player by name. "generator" is required; it is stored and sampled. Log points report the outputs
    of the player named "discriminator"."""

    stats: Mapping[str, Sequence[str]]
    """Names of the numbers that a step records: {"d": (...), "g": (...)}. "d" is empty without a discriminator."""

    optimizers: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """Name of a player -> its optimizer: name and all settings. A player without an optimizer is not trained."""

    class_columns: slice | None = None
    """Columns of z that hold a one-hot class. None if samples of a class cannot be requested."""

    one_pass: bool = True
    """Whether one forward pass makes an image. If it is False, log points have no signals (gan_bench.train.signals)."""

    iterate: Callable[[Mapping[str, Player], Feed], None] | None = None
    """iterate(players, feed): make one generator step, including its discriminator steps, in place. It takes
    minibatches, random generators and the step's number from `feed`, updates the players
    (gan_bench.game.player.descend) and records `stats` with feed.record. None for a method without training."""

    fit: Callable[[DataSet, np.random.Generator], None] | None = None
    """fit(data, rng): fill the buffers of the generator's module in place from the whole data set. None if nothing
    is computed from the data set before training."""

    opinion: Callable[[Player, Tensor, Tensor, Tensor | None, Tensor], DiscriminatorReport | None] | None = None
    """opinion(discriminator, real, fake, classes, progress): the discriminator's outputs at a log point.

    `real` and `fake` are images (n, C, H, W) to which no trick has been applied. `classes` are their one-hot classes
    (n, K) or None. `progress` is the share of the training that is done. None for a method without a discriminator.
    """

    def __init__(self, **members: Any) -> None:
        """Set members by name, for a program without a subclass: Program(networks=..., stats=..., draw=..., ...).

        Raises:
            UserError: a name is not in MEMBERS.
        """
        for name, member in members.items():
            if name not in MEMBERS:
                raise UserError(unknown_name("member of a Program", name, list(MEMBERS)))
            setattr(self, name, member)

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill parameters and buffers of the networks' modules in place with their initial values."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Draw the latents z of `n` images, float32 (n, ...).

        An image is a function of its z. The first rows do not depend on `n`, so a smaller sample is the beginning of a
        larger one.
        """
        raise NotImplementedError

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        """Images float32 (n, C, H, W) in [-1, 1] of latents z, in eval mode; no random number is drawn.

        Args:
            tensors: the generator's parameters and buffers by name.
        """
        raise NotImplementedError


def build(setup: Setup) -> Program:
    """The program of the method in a run's settings.

    Raises:
        UserError: the method does not accept the image shape or the other settings, or the `build` of a user's file
            does not return a complete Program.
    """
    from gan_bench import registry

    name = setup.settings["method"]["name"]
    program = registry.load("methods", name).build(setup)
    if not isinstance(program, Program):
        raise UserError(f"method {name!r}: build() must return a gan_bench.methods.Program, not {type(program)}.")
    inherited = [member for member in REQUIRED if getattr(type(program), member, 0) is getattr(Program, member, 0)]
    missing = [member for member in inherited if member not in vars(program)]
    if missing:
        raise UserError(f"method {name!r}: its Program does not define {', '.join(missing)}; see gan_bench.methods.")
    return program
