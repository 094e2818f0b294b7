"""Access to a run for metrics that need "run": the generator, the data set, and new samples."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import DataSet
from gan_bench.features.reference import Reference
from gan_bench.files import read_json
from gan_bench.metrics import MetricUndefined
from gan_bench.paths import SETTINGS
from gan_bench.train.generate import Generator, load_generator, sample


@dataclass(frozen=True)
class RunAccess:
    """A finished run whose generator makes finite images. `seed` is the seed of the run."""

    folder: Path
    data: DataSet
    reference: Reference
    seed: int

    @property
    def settings(self) -> dict[str, Any]:
        """The run's settings."""
        settings: dict[str, Any] = read_json(self.folder / SETTINGS)
        return settings

    @property
    def generator(self) -> Generator:
        return load_generator(self.folder)

    @property
    def conditional(self) -> bool:
        """Whether the generator takes a class."""
        return self.generator.program.class_columns is not None

    def sample(self, n: int, seed: int) -> np.ndarray:
        """(n, C, H, W) generated images; no class is requested. They are the scored samples if `seed` is the run's."""
        return sample(self.folder, n, seed)

    def labelled(self, counts: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Generated images, counts[k] of each class k in the order of the classes, and their labels.

        Raises:
            MetricUndefined: the generator takes no class.
            UserError: the images are not finite, or a file of the run is missing or damaged.
        """
        if not self.conditional:
            raise MetricUndefined("the generator takes no class: it makes no labelled images")
        parts = [sample(self.folder, int(n), seed + k, label=k) for k, n in enumerate(counts) if n]
        return np.concatenate(parts), np.repeat(np.arange(len(counts)), counts)
