"""What models of one pixel after another share: levels, likelihood, sampling by inversion, and the training step."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.methods import Feed, Program, Setup
from gan_bench.models._blocks import network
from gan_bench.models._init import initialise

Shape = tuple[int, int, int]

STATS = ("g_loss", "bits_per_dim", "gn_g")


class Trunk(Protocol):
    """Features of each pixel that depend on the pixels above it and to its left alone."""

    def __call__(self, x: Tensor) -> Tensor:
        """(B, C, H, W) in [-1, 1] -> (B, F, H, W)."""

    def begin(self, batch: int, like: Tensor) -> None:
        """Make ready to go through images pixel by pixel."""

    def begin_row(self, x: Tensor, row: int) -> None:
        """The rows of x (B, C, H, W) above `row` are known."""

    def pixel(self, x: Tensor, row: int, column: int) -> Tensor:
        """Features (B, F) of a pixel, those before it in its row being known too; columns come in their order."""


class Channels(nn.Module):
    """Logits of the levels of every channel, from a pixel's features and the channels before it in that pixel."""

    def __init__(self, features: int, channels: int, levels: int) -> None:
        super().__init__()
        self.channels, self.levels = channels, levels
        self.hidden = nn.Linear(features, features)
        self.out = nn.Linear(features, channels * levels)
        self.earlier = nn.Linear(channels, channels * levels, bias=False) if channels > 1 else None

    def forward(self, features: Tensor, values: Tensor) -> Tensor:
        """(..., F) and the pixel's values (..., C) in [-1, 1] -> (..., C, levels)."""
        logits = self.out(F.relu(self.hidden(F.relu(features))))
        logits = logits.reshape(*logits.shape[:-1], self.channels, self.levels)
        if self.earlier is None:
            return logits
        # A channel sees those before it: its weights on itself and on later ones are masked.
        mask = torch.tril(logits.new_ones(self.channels, self.channels), diagonal=-1)
        weight = self.earlier.weight.reshape(self.channels, self.levels, self.channels) * mask[:, None]
        return logits + torch.einsum("...i,cli->...cl", values, weight)


class Autoregressive(nn.Module):
    """Images in [-1, 1] -> logits (B, C, H, W, levels); with `sampling` set, uniform numbers -> images."""

    def __init__(self, trunk: nn.Module, features: int, shape: Shape, levels: int) -> None:
        super().__init__()
        self.trunk, self.head = trunk, Channels(features, shape[0], levels)
        self.shape, self.levels, self.sampling = shape, levels, False

    def forward(self, x: Tensor) -> Tensor:
        if self.sampling:
            return self.sampled(x)
        logits: Tensor = self.head(self.trunk(x).permute(0, 2, 3, 1), x.permute(0, 2, 3, 1))
        return logits.permute(0, 3, 1, 2, 4)

    def sampled(self, u: Tensor) -> Tensor:
        """Images of uniform numbers u (B, C, H, W): the level at which a pixel's distribution function passes u."""
        trunk: Any = self.trunk
        channels, height, width = self.shape
        x = torch.zeros_like(u)
        trunk.begin(u.shape[0], u)
        for row in range(height):
            trunk.begin_row(x, row)
            for column in range(width):
                features = trunk.pixel(x, row, column)
                for channel in range(channels):
                    logits = self.head(features, x[:, :, row, column])[:, channel]
                    passed = torch.softmax(logits.double(), dim=1).cumsum(dim=1)
                    level = (passed < u[:, channel, row, column, None]).sum(dim=1).clamp(max=self.levels - 1)
                    x[:, channel, row, column] = value_of(level, self.levels)
        return x


def value_of(level: Tensor, levels: int) -> Tensor:
    """Levels 0 to levels - 1 as evenly spaced values from -1 to 1, float32."""
    return level.to(torch.float32) * (2 / (levels - 1)) - 1


def level_of(x: Tensor, levels: int) -> Tensor:
    """The nearest level of values in [-1, 1], int64."""
    return ((x + 1) * ((levels - 1) / 2)).round().clamp(0, levels - 1).long()


def negative_log_likelihood(logits: Tensor, levels: Tensor) -> Tensor:
    """Nats of each image, (B,), of logits (B, C, H, W, L) and levels (B, C, H, W)."""
    entropy = F.cross_entropy(logits.flatten(0, 3), levels.flatten(), reduction="none")
    return entropy.reshape(levels.shape).flatten(1).sum(dim=1)


def program_of(setup: Setup, trunk: Any, features: int) -> Program:
    """The program of a model whose trunk `trunk()` makes; z are uniform numbers (n, C, H, W)."""
    levels, shape = int(setup.settings["method"]["levels"]), setup.shape
    row = network(lambda: [Autoregressive(trunk(), features, shape, levels)], "uniform_fan_in")
    model = Network(row)
    return Program(
        networks={"generator": model},
        optimizers={"generator": setup.settings["g_optimizer"]},
        stats={"d": (), "g": STATS},
        initialise=lambda rng: initialise(row, rng),
        draw=lambda rng, n: rng.random((n, *shape), dtype=np.float32),
        images=partial(images, model),
        iterate=partial(iterate, model, levels),
        one_pass=False,
    )


def iterate(model: Network, levels: int, players: Mapping[str, Player], feed: Feed) -> None:
    """One step up the likelihood of a minibatch."""
    x, _ = feed.real()
    target = level_of(x, levels)
    player = players["generator"]
    buffers = copy_of(player.buffers)
    logits = model(player.parameters, buffers, value_of(target, levels))
    nats = negative_log_likelihood(logits, target).mean()
    norm = descend(player, torch.autograd.grad(nats, list(player.parameters.values())), buffers)
    nats = nats.detach()
    bits = nats / (x[0].numel() * math.log(2))
    feed.record("g", torch.cat((torch.stack((nats, bits)), norm)))


def images(model: Network, tensors: Tensors, z: Tensor) -> Tensor:
    """Images (n, C, H, W) of uniform numbers z."""
    own: Any = model.module
    own[0].sampling = True
    try:
        with torch.no_grad():
            return model(dict(tensors), {}, z, training=False)
    finally:
        own[0].sampling = False


def along(convolution: nn.Module, window: Tensor) -> Tensor:
    """A convolution at one place, of its whole window laid flat, (B, inputs * kernel) -> (B, outputs)."""
    weight, bias = convolution.weight, convolution.bias
    assert isinstance(weight, Tensor) and (bias is None or isinstance(bias, Tensor))
    return F.linear(window, weight.flatten(1), bias)
