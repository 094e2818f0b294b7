"""The examined sets, and a test of whether a trait is more frequent in one set than in the other."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import fisher_exact

from gan_bench.metrics.inputs.load import Points

#: The shares of a trait in two sets count as different if the p-value of Fisher's exact test is at most this. Example:
#: a trait of all five images of one set and of none of five images of the other set has p = 0.0079.
LEVEL = 0.008
#: Slow checks examine at most this many images of a set, evenly spaced.
MOST = 200


@dataclass(frozen=True)
class Sets:
    """The sets of a comparison. `train` is None if no training set is given."""

    real: Points
    fake: Points
    train: Points | None


@dataclass(frozen=True)
class Trait:
    """Which of the examined rows have a trait. `rows`: positions in the set. `has`: whether each row has the trait."""

    rows: np.ndarray
    has: np.ndarray

    @property
    def count(self) -> int:
        return int(self.has.sum())


def spaced(n: int) -> np.ndarray:
    """Positions of at most MOST of n rows, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST)).astype(int))


def one_sided(real: Trait, fake: Trait, least: float = 0.0) -> bool:
    """Whether the shares of the trait differ significantly between the sets, and the larger one is at least `least`."""
    shares = [trait.count / len(trait.has) for trait in (real, fake)]
    table = [[trait.count, len(trait.has) - trait.count] for trait in (real, fake)]
    return max(shares) >= least and float(fisher_exact(table).pvalue) <= LEVEL


def sentence(sets: Sets, real: Trait, fake: Trait, words: str) -> str:
    """Counts of a trait in both sets, and up to two example names from the set with the larger share."""
    larger, points = (fake, sets.fake) if fake.has.mean() >= real.has.mean() else (real, sets.real)
    examples = [points.name(int(row)) for row in larger.rows[larger.has][:2]]
    return (
        f"{fake.count} of {len(fake.has)} generated and {real.count} of {len(real.has)} real images {words}, "
        f"such as {' and '.join(examples)}."
    )


def luminance(images: np.ndarray) -> np.ndarray:
    """Luminance (n, h, w) float of uint8 images (n, c, h, w), by the weights of ITU-R 601."""
    if images.shape[1] == 1:
        return images[:, 0].astype(np.float64)
    return np.asarray(np.tensordot([0.299, 0.587, 0.114], images.astype(np.float64), (0, 1)))
