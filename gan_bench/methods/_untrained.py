"""Programs without training: a module of buffers that are filled from the data at once."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.data import DataSet
from gan_bench.data.scaling import to_unit
from gan_bench.game.network import Network
from gan_bench.methods import Program

Fill = Callable[[DataSet, np.random.Generator], Mapping[str, Tensor]]
Images = Callable[[Mapping[str, Tensor], Tensor], Tensor]
Draw = Callable[[np.random.Generator, int], np.ndarray]


def untrained(names: tuple[str, ...], fill: Fill, draw: Draw, images: Images) -> Program:
    """A program whose generator is the tensors `names`, as `fill(data, rng)` gives them.

    `images(tensors, z)` -> (n, C, H, W) in [-1, 1]; it reads nothing but what it is given.
    """
    module = nn.Module()
    for name in names:
        module.register_buffer(name, torch.empty(0))

    def fit(data: DataSet, rng: np.random.Generator) -> None:
        for name, value in fill(data, rng).items():
            setattr(module, name, value)

    return Program(
        networks={"generator": Network(module)},
        stats={"d": (), "g": ()},
        initialise=lambda _rng: None,
        draw=draw,
        images=images,
        fit=fit,
    )


def training_values(data: DataSet) -> Tensor:
    """Training images as networks see them, flat: float32 (n, C*H*W) in [-1, 1]."""
    values: Tensor = to_unit(torch.from_numpy(np.array(data.images("train"))))
    return values.flatten(1)


def dealt_in_turn(rng: np.random.Generator, n: int) -> np.ndarray:
    """z (n, 2): a place to begin in [0, 1), the same for all rows, and the row's number."""
    return np.stack([np.full(n, rng.random(), np.float32), np.arange(n, dtype=np.float32)], axis=1)


def in_turn(stored: Tensor, z: Tensor) -> Tensor:
    """Images dealt from a stored pile (N, C, H, W): from the place to begin on, around the end, none twice in N."""
    count = stored.shape[0]
    first = (z[:, 0].double() * count).long()
    return _shown(stored[(first + z[:, 1].long()) % count])


def at_random(stored: Tensor, z: Tensor) -> Tensor:
    """Images picked from a pile (N, C, H, W), with replacement, by z (n, 1) uniform in [0, 1)."""
    return _shown(stored[(z[:, 0].double() * stored.shape[0]).long().clamp(max=stored.shape[0] - 1)])


def _shown(images: Tensor) -> Tensor:
    shown: Tensor = to_unit(images)
    return shown
