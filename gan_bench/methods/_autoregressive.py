"""Shared parts of autoregressive models of pixels: levels, likelihood, sampling, and the training step."""

import math
from collections.abc import Callable, Mapping
from typing import Any

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


class Channels(nn.Module):
    """Computes the logits of each channel's levels, from the pixel's features and the values of earlier channels."""

    def __init__(self, features: int, channels: int, levels: int) -> None:
        super().__init__()
        self.channels, self.levels = channels, levels
        self.hidden = nn.Linear(features, features)
        self.out = nn.Linear(features, channels * levels)
        self.earlier = nn.Linear(channels, channels * levels, bias=False) if channels > 1 else None

    def forward(self, features: Tensor, values: Tensor) -> Tensor:
        """Features (..., F) and the pixel's values (..., C) in [-1, 1] -> logits (..., C, levels)."""
        logits = self.out(F.relu(self.hidden(F.relu(features))))
        logits = logits.reshape(*logits.shape[:-1], self.channels, self.levels)
        if self.earlier is None:
            return logits
        # The mask zeroes a channel's weights on itself and on later channels.
        mask = torch.tril(logits.new_ones(self.channels, self.channels), diagonal=-1)
        weight = self.earlier.weight.reshape(self.channels, self.levels, self.channels) * mask[:, None]
        return logits + torch.einsum("...i,cli->...cl", values, weight)


class Autoregressive(nn.Module):
    """Images in [-1, 1] -> logits (B, C, H, W, levels). With `sampling` True, uniform numbers -> images.

    The trunk computes features of each pixel that depend only on earlier pixels: those in the rows above, and those to
    the left in the same row. In training, one call of the trunk computes all pixels: images (B, C, H, W) in [-1, 1] ->
    features (B, F, H, W). In sampling, these methods of the trunk compute one pixel after another:

      begin(batch, like)        start `batch` images, on the device of `like`
      begin_row(x, row)         start a row; the rows of x (B, C, H, W) above it are complete
      pixel(x, row, column)     features (B, F) of a pixel; the pixels of x before it are complete
    """

    def __init__(self, trunk: nn.Module, features: int, shape: Shape, levels: int) -> None:
        super().__init__()
        self.trunk, self.head = trunk, Channels(features, shape[0], levels)
        self.shape, self.levels, self.sampling = shape, levels, False

    def forward(self, x: Tensor) -> Tensor:
        if self.sampling:
            return self.sample(x)
        logits: Tensor = self.head(self.trunk(x).permute(0, 2, 3, 1), x.permute(0, 2, 3, 1))
        return logits.permute(0, 3, 1, 2, 4)

    def sample(self, u: Tensor) -> Tensor:
        """Images from uniform numbers u (B, C, H, W), by inverse transform sampling.

        Each value is the lowest level at which the cumulative distribution, given the earlier values, reaches u.
        """
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
                    cumulative = torch.softmax(logits.double(), dim=1).cumsum(dim=1)
                    level = (cumulative < u[:, channel, row, column, None]).sum(dim=1).clamp(max=self.levels - 1)
                    x[:, channel, row, column] = value_of(level, self.levels)
        return x


def value_of(level: Tensor, levels: int) -> Tensor:
    """Levels 0 to levels - 1 as evenly spaced values from -1 to 1, float32."""
    return level.to(torch.float32) * (2 / (levels - 1)) - 1


def level_of(x: Tensor, levels: int) -> Tensor:
    """The nearest level of values in [-1, 1], int64."""
    return ((x + 1) * ((levels - 1) / 2)).round().clamp(0, levels - 1).long()


def negative_log_likelihood(logits: Tensor, levels: Tensor) -> Tensor:
    """(B,) negative log-likelihood of each image in nats, from logits (B, C, H, W, L) and levels (B, C, H, W)."""
    entropy = F.cross_entropy(logits.flatten(0, 3), levels.flatten(), reduction="none")
    return entropy.reshape(levels.shape).flatten(1).sum(dim=1)


class AutoregressiveProgram(Program):
    """A program with the player "generator"; z (n, C, H, W) has one uniform number for each value of an image."""

    one_pass = False

    def __init__(self, setup: Setup, trunk: Callable[[], nn.Module], features: int) -> None:
        """Build the network.

        Args:
            trunk: function that builds the trunk of `Autoregressive`.
            features: number of channels of the trunk's output.
        """
        self.levels, self.shape = int(setup.settings["method"]["levels"]), setup.shape
        self.layers = network(lambda: [Autoregressive(trunk(), features, self.shape, self.levels)], "uniform_fan_in")
        self.model = Network(self.layers)
        self.networks, self.stats = {"generator": self.model}, {"d": (), "g": STATS}
        self.optimizers = {"generator": setup.settings["g_optimizer"]}

    def initialise(self, rng: np.random.Generator) -> None:
        initialise(self.layers, rng)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.random((n, *self.shape), dtype=np.float32)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        autoregressive: Any = self.layers[0]
        autoregressive.sampling = True
        try:
            with torch.no_grad():
                return self.model(dict(tensors), {}, z, training=False)
        finally:
            autoregressive.sampling = False

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """One optimizer step on the mean negative log-likelihood of a minibatch, in nats."""
        x, _ = feed.real()
        target = level_of(x, self.levels)
        player = players["generator"]
        buffers = copy_of(player.buffers)
        logits = self.model(player.parameters, buffers, value_of(target, self.levels))
        nats = negative_log_likelihood(logits, target).mean()
        norm = descend(player, torch.autograd.grad(nats, list(player.parameters.values())), buffers)
        nats = nats.detach()
        bits = nats / (x[0].numel() * math.log(2))
        feed.record("g", torch.cat((torch.stack((nats, bits)), norm)))


def along(convolution: nn.Module, window: Tensor) -> Tensor:
    """Output (B, outputs) of a convolution at one position, from the flattened window (B, inputs * kernel)."""
    weight, bias = convolution.weight, convolution.bias
    assert isinstance(weight, Tensor) and (bias is None or isinstance(bias, Tensor))
    return F.linear(window, weight.flatten(1), bias)
