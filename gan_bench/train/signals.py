"""What a log point looks at beside the steps' own numbers: held-out real images, and how varied generated ones are."""

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
from gan_bench.train.spread import Rows, compare, rows_of

#: Real images that are looked at, and generated ones. The time goes into their passes through G and D
#: (benchmarks/signal_cost.py).
N = 32


@dataclass(frozen=True)
class Signals:
    """Images (n,C,H,W) in [-1, 1] of the test split, the same through the whole run, and their classes (n,K) or None.

    The generated ones are new at each look, of the same classes, by the generator that plays (not its running
    average) in eval mode. Their latents are of the purpose "signals", and nothing of the run is moved.
    """

    real: Tensor
    classes: np.ndarray | None
    reference: Rows

    def measure(
        self, program: Program, players: Mapping[str, Player], rng: np.random.Generator, progress: float
    ) -> dict[str, float]:
        """`SIGNALS` by name; NaN where the method has no such thing or a number is not finite."""
        device, classes = self.real.device, self.classes
        z = torch.from_numpy(self.latents(program, rng)).to(device)
        given = None if classes is None else torch.from_numpy(classes).to(device)
        share = torch.tensor(progress, dtype=torch.float32, device=device)
        own = players["generator"].tensors, players.get("discriminator")
        return named(seen(program, *own, z, self.real, given, share, self.reference).tolist())

    def latents(self, program: Program, rng: np.random.Generator) -> np.ndarray:
        """z of the generated images, of the real ones' classes."""
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
    reference: Rows,
) -> Tensor:
    """The first of `SIGNALS`, as many as there are, as one tensor: one transfer for all of them."""
    fake = program.images(generator, z)
    found = [compare(rows_of(fake), reference)]
    if program.opinion is not None and discriminator is not None:
        found += _numbers(program.opinion(discriminator, real, fake, classes, progress))
    return torch.cat(found)


def named(values: Sequence[float]) -> dict[str, float]:
    """`SIGNALS` by name; NaN for what is not there or not finite."""
    every = [*values, *[math.nan] * (len(SIGNALS) - len(values))]
    return {name: value if math.isfinite(value) else math.nan for name, value in zip(SIGNALS, every, strict=True)}


def _numbers(said: DiscriminatorReport | None) -> list[Tensor]:
    """The last of `SIGNALS`, as far as there are any."""
    if said is None:
        return []
    numbers = [said.real, said.accuracy]
    if said.features is not None:
        # As wide as they may be, single precision: it is their mean distance that is read.
        on_real, on_fake = (Rows(features).pair for features in said.features)
        numbers.append(on_fake / on_real)
    return [torch.stack(numbers)]


def signals_of(program: Program, data: DataSet, rng: np.random.Generator, device: torch.device) -> Signals | None:
    """The signals of a run on `data`. None where the method does not train or does not make images in one pass, and
    where the test split has fewer than two."""
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
