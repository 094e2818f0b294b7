"""Base class of methods without training, and two ways to sample stored images."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.data import DataSet
from gan_bench.data.scaling import to_unit
from gan_bench.game.network import Network
from gan_bench.methods import Program, Setup


class Untrained(Program):
    """A method without training: its generator is a set of buffers, which `learn` computes from the data.

    A subclass sets `buffers` and defines learn, draw and images.
    """

    buffers: tuple[str, ...] = ()
    """Names of the buffers."""

    def __init__(self, setup: Setup) -> None:
        self.shape, self.settings = setup.shape, setup.settings["method"]
        self.module = nn.Module()
        for name in self.buffers:
            self.module.register_buffer(name, torch.empty(0))
        self.networks, self.stats = {"generator": Network(self.module)}, {"d": (), "g": ()}

    def learn(self, data: DataSet, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """The buffers by name, computed from the data set."""
        raise NotImplementedError

    def initialise(self, rng: np.random.Generator) -> None:
        """Does nothing: `fit` sets the buffers."""

    def fit(self, data: DataSet, rng: np.random.Generator) -> None:
        for name, value in self.learn(data, rng).items():
            setattr(self.module, name, value)


def training_values(data: DataSet) -> Tensor:
    """Training images as flat float32 rows (n, C*H*W) in [-1, 1]."""
    return to_unit(torch.from_numpy(np.array(data.images("train")))).flatten(1)


def draw_in_turn(rng: np.random.Generator, n: int) -> np.ndarray:
    """z (n, 2) for `in_turn`: a random start in [0, 1), the same in all rows, and the row's number."""
    return np.stack([np.full(n, rng.random(), np.float32), np.arange(n, dtype=np.float32)], axis=1)


def in_turn(stored: Tensor, z: Tensor) -> Tensor:
    """Consecutive images of `stored` (N, C, H, W) from a random start; the first image follows the last.

    N consecutive images contain no repetition.
    """
    count = stored.shape[0]
    first = (z[:, 0].double() * count).long()
    return to_unit(stored[(first + z[:, 1].long()) % count])


def at_random(stored: Tensor, z: Tensor) -> Tensor:
    """Images of `stored` (N, C, H, W), sampled with replacement by z (n, 1) uniform in [0, 1)."""
    return to_unit(stored[(z[:, 0].double() * stored.shape[0]).long().clamp(max=stored.shape[0] - 1)])
