"""A trained generator that is explored: its latents, its images, and the class that each image shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gan_bench.data.scaling import to_uint8
from gan_bench.errors import UserError, unknown_name
from gan_bench.game.latent import one_hot
from gan_bench.seeds import generator
from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.train._torch import deterministic
from gan_bench.train.generate import Generator

#: Number of latents in one forward pass.
BATCH = 256
#: Smallest number of samples of a class from which its mean latent is computed. A knock-out (units
#: of G are set to zero) needs at least this number of samples of the class, and this number of other samples.
FEWEST = 20


@dataclass(frozen=True)
class Share:
    """Share `hits` / `n` of images with an attribute, with its 95 % Wilson interval."""

    hits: int
    n: int

    @property
    def json(self) -> dict[str, Any]:
        """{"share", "low", "high", "n"}."""
        low, high = wilson_interval(self.hits, self.n) or (0.0, 1.0)
        return {"share": self.hits / self.n, "low": low, "high": high, "n": self.n}

    def __str__(self) -> str:
        numbers = self.json
        return f"{100 * numbers['share']:.1f} % [{100 * numbers['low']:.1f}, {100 * numbers['high']:.1f}]"


@dataclass(frozen=True)
class Subject:
    """A trained generator with the seed and the class for its draws.

    Attributes:
        label: class of every image of a conditional run; None to draw classes as in training.
        log_probs: images uint8 (n,C,H,W) -> log-probabilities (n, K) of K classes; None without a classifier.
        names: names of the classes, in the order of their numbers; empty without a classifier.
    """

    generate: Generator
    seed: int = 0
    label: int | None = None
    log_probs: Callable[[np.ndarray], np.ndarray] | None = None
    names: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether z contains a class, as columns of 0 and 1."""
        return self.generate.program.class_columns is not None

    def draw(self, n: int, stream: int = 0) -> np.ndarray:
        """Latents (n, d) float32. Different values of `stream` give independent latents."""
        z = self.generate.program.draw(generator(self.seed, "evaluation").spawn(stream + 1)[stream], n)
        if self.label is not None:
            z[:, self.generate.program.class_columns] = one_hot(np.full(n, self.label), self.generate.setup.classes)
        return z

    def choices(self) -> np.ndarray:
        """(d,) bool: True for columns of z that hold a choice (0 or 1) instead of a continuous number."""
        return np.asarray(np.isin(self.draw(64), (0.0, 1.0)).all(axis=0))

    def images(self, z: np.ndarray) -> np.ndarray:
        """Images uint8 (n,C,H,W) of latents (n, d). UserError if the output is not finite."""
        rows = []
        with self.bits():
            for start in range(0, len(z), BATCH):
                images = self.generate(torch.from_numpy(np.ascontiguousarray(z[start : start + BATCH], np.float32)))
                if not torch.isfinite(images).all():
                    raise UserError("the generator's output is not finite; nothing can be explored.")
                rows.append(to_uint8(images).numpy())
        return np.concatenate(rows)

    def classes(self, images: np.ndarray) -> np.ndarray:
        """(n,) most probable class of each image. UserError without a classifier."""
        if self.log_probs is None:
            raise UserError("no classifier is known for this data set, so no attribute either.")
        classes: np.ndarray = self.log_probs(images).argmax(axis=1)
        return classes

    def class_number(self, name: str) -> int:
        """Index of the class with this name. UserError if there is no such class."""
        if name not in self.names:
            raise UserError(unknown_name("attribute", name, list(self.names)))
        return self.names.index(name)

    @contextmanager
    def bits(self) -> Iterator[None]:
        """Context with the run's number of threads and with deterministic operations."""
        with deterministic(self.generate.setup.settings["threads"] or 1, torch.device("cpu")):
            yield
