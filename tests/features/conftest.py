"""Real images in memory and on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import DataSet, open_data, prepare


@dataclass(frozen=True)
class Toy:
    """A replacement for DataSet in memory.

    The images are smooth and of any shape. The classes differ in the position of the bright area.
    """

    shape: tuple[int, int, int]
    n: int = 90
    n_classes: int = 3
    labelled: bool = True
    seed: int = 0
    name: str = "toy"

    def images(self, split: str) -> np.ndarray:
        rng = np.random.default_rng([self.seed, split == "test"])
        c, h, w = self.shape
        y, x = np.mgrid[:h, :w]
        centre = (np.arange(self.n) % self.n_classes + 0.5) * w / self.n_classes + rng.normal(0, 0.5, self.n)
        bump = np.exp(-(((x - centre[:, None, None]) / w) ** 2 + ((y - h / 2) / h) ** 2) * 20)[:, None]
        gain = rng.uniform(0.5, 1.0, (self.n, c, 1, 1))
        return np.clip(220 * bump * gain + rng.normal(0, 8, (self.n, c, h, w)) + 16, 0, 255).astype(np.uint8)

    def labels(self, split: str) -> np.ndarray | None:
        return np.arange(self.n) % self.n_classes if self.labelled else None

    @property
    def classes(self) -> list[str] | None:
        return [str(k) for k in range(self.n_classes)] if self.labelled else None


@pytest.fixture(scope="session")
def toy() -> Callable[..., Toy]:
    """toy(shape, **changes): a Toy data set."""
    return Toy


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    folder: Path = tmp_path_factory.mktemp("digits")
    prepare(resolve("data", "digits"), folder)
    return open_data(folder)
