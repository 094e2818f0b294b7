"""The generator's input z: noise, a class, codes, and the random numbers of its layers, as columns of one matrix."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

#: Draws a float32 matrix (n, width).
Law = Callable[[np.random.Generator, int], np.ndarray]


def draw_latents(rng: np.random.Generator, n: int, latent_dim: int) -> np.ndarray:
    """z ~ N(0, I), float32 (n, latent_dim). The first m rows are the same for every n >= m."""
    return rng.standard_normal((n, latent_dim), dtype=np.float32)


@dataclass(frozen=True)
class LatentLayout:
    """The columns of z: noise, class, codes and random layers, in this order.

    Attributes:
        noise: number of columns of noise.
        noise_law: noise_law(rng, n, noise) draws the noise.
        classes: number of columns of a one-hot class; 0 without classes.
        codes: a pair (number of columns, law) for each code; law(rng, n) draws the code.
        random: number of columns with N(0, 1) numbers for random layers.
    """

    noise: int
    noise_law: Callable[[np.random.Generator, int, int], np.ndarray] = draw_latents
    classes: int = 0
    codes: Sequence[tuple[int, Law]] = ()
    random: int = 0

    @property
    def width(self) -> int:
        """Number of columns of z."""
        return self.noise + self.classes + self.code_width + self.random

    @property
    def code_width(self) -> int:
        """Number of columns of all codes."""
        return sum(width for width, _ in self.codes)

    @property
    def class_columns(self) -> slice:
        """Columns of the one-hot class."""
        return slice(self.noise, self.noise + self.classes)

    @property
    def code_columns(self) -> slice:
        """Columns of all codes."""
        return slice(self.noise + self.classes, self.noise + self.classes + self.code_width)

    def draw(self, rng: np.random.Generator, n: int, labels: np.ndarray | None = None) -> np.ndarray:
        """Draw z, float32 (n, width). The first rows do not depend on n.

        The columns of classes, of each code and of random layers come from separate random streams. One number, drawn
        before the noise, seeds all these streams. With a single stream for all columns, the columns after the noise
        would depend on n.

        Args:
            labels: classes (n,); None draws them uniformly.
        """
        parts = [width for width in (self.classes, *(width for width, _ in self.codes), self.random) if width]
        if not parts:
            return self.noise_law(rng, n, self.noise)
        key = int(rng.integers(2**63))
        columns = [self.noise_law(rng, n, self.noise)]
        if self.classes:
            classes = _stream(key, 0).integers(self.classes, size=n) if labels is None else labels
            columns.append(one_hot(classes, self.classes))
        columns += [law(_stream(key, 2 + i), n) for i, (_, law) in enumerate(self.codes)]
        if self.random:
            columns.append(_stream(key, 1).standard_normal((n, self.random), dtype=np.float32))
        return np.concatenate(columns, axis=1, dtype=np.float32)

    def classes_and_codes(self, z: Tensor) -> dict[str, Tensor]:
        """{"classes": (B, K), "codes": (B, e)} of z (B, width), without the entries for which z has no columns."""
        parts = {"classes": z[:, self.class_columns], "codes": z[:, self.code_columns]}
        return {name: part for name, part in parts.items() if part.shape[1]}


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Class numbers (n,) as float32 (n, classes)."""
    return (labels[:, None] == np.arange(classes)).astype(np.float32)


def _stream(key: int, part: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([key, part]))
