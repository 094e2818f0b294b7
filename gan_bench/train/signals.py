"""Signals: values measured at log points only, on held-out real images and newly generated ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_bench.data import DataSet
from gan_bench.data.scaling import to_unit
from gan_bench.game.discriminator_report import DiscriminatorReport
from gan_bench.game.latent import one_hot
from gan_bench.game.network import Tensors
from gan_bench.game.player import Player
from gan_bench.methods import Program
from gan_bench.train.monitor import SIGNALS
from gan_bench.train.spread import BatchRows, compare, rows_of

#: Number of real images, and of generated images. Their passes through G and D take most of the time of a
#: measurement (benchmarks/signal_cost.py).
N = 32


@dataclass(frozen=True)
class Signals:
    """Images (n,C,H,W) in [-1, 1] of the test split, fixed for the whole run, and their classes (n,K) or None.

    Generated images are new at each log point, of the same classes, made by the trained generator (not its running
    average) in eval mode. Their latents come from the separate random stream "signals", so measuring does not change
    the state of the run.
    """

    real: Tensor
    classes: np.ndarray | None
    reference: BatchRows

    def measure(
        self, program: Program, players: Mapping[str, Player], rng: np.random.Generator, progress: float
    ) -> dict[str, float]:
        """`SIGNALS` by name; NaN where the method does not define the signal or the value is not finite."""
        device, classes = self.real.device, self.classes
        z = torch.from_numpy(self.latents(program, rng)).to(device)
        given = None if classes is None else torch.from_numpy(classes).to(device)
        share = torch.tensor(progress, dtype=torch.float32, device=device)
        networks = players["generator"].tensors, players.get("discriminator")
        return named(seen(program, *networks, z, self.real, given, share, self.reference).tolist())

    def latents(self, program: Program, rng: np.random.Generator) -> np.ndarray:
        """z of the generated images, with the classes of the real images."""
        z = program.draw(rng, len(self.real))
        if self.classes is not None:
            z[:, program.class_columns] = self.classes
        return z


def seen(
    program: Program,
    generator: Tensors,
    discriminator: Player | None,
    z: Tensor,
    real: Tensor,
    classes: Tensor | None,
    progress: Tensor,
    reference: BatchRows,
) -> Tensor:
    """The signals that the method defines, as one tensor, so that one transfer fetches them all.

    They are the first entries of `SIGNALS`, in its order.
    """
    fake = program.images(generator, z)
    parts = [compare(rows_of(fake), reference)]
    if program.opinion is not None and discriminator is not None:
        parts += _numbers(program.opinion(discriminator, real, fake, classes, progress))
    return torch.cat(parts)


def named(values: Sequence[float]) -> dict[str, float]:
    """`SIGNALS` by name; NaN for what is missing or not finite."""
    every = [*values, *[math.nan] * (len(SIGNALS) - len(values))]
    return {name: value if math.isfinite(value) else math.nan for name, value in zip(SIGNALS, every, strict=True)}


def _numbers(report: DiscriminatorReport | None) -> list[Tensor]:
    """The signals that come from the discriminator's report, the last of `SIGNALS`."""
    if report is None:
        return []
    numbers = [report.real, report.accuracy]
    if report.features is not None:
        # Single precision is enough: features can be wide, and only their mean distance is used.
        on_real, on_fake = (BatchRows(features).pair for features in report.features)
        numbers.append(on_fake / on_real)
    return [torch.stack(numbers)]


def signals_of(program: Program, data: DataSet, rng: np.random.Generator, device: torch.device) -> Signals | None:
    """The signals of a run on `data`.

    None if the method does not train, if it does not make images in one pass, or if the test split has fewer than two
    images.
    """
    held = data.counts["test"]
    if program.iterate is None or not program.one_pass or held < 2:
        return None
    rows = rng.permutation(held)[:N]
    real = to_unit(torch.from_numpy(data.images("test")[rows]).to(device))
    classes, labels = None, data.labels("test")
    if program.class_columns is not None:
        assert labels is not None
        classes = one_hot(labels[rows], len(data.classes or ()))
    return Signals(real, classes, rows_of(real))
