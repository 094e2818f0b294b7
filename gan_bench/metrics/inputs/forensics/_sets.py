"""The sets that are examined, and the rule by which a trait is called one-sided."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import fisher_exact

from gan_bench.metrics.inputs.load import Points

#: Largest p-value of Fisher's exact test at which the shares of a trait in two sets are called different. All of five
#: against none of five has 0.0079.
LEVEL = 0.008
#: Images of a set whose pixels are examined for a trait: the first, evenly spaced ones.
MOST = 200


@dataclass(frozen=True)
class Sets:
    """The sets of a comparison. `train` is None where no training set is given."""

    real: Points
    fake: Points
    train: Points | None


@dataclass(frozen=True)
class Trait:
    """Which of some rows of a set have a trait: `rows` are positions in the set, `has` (same length) is boolean."""

    rows: np.ndarray
    has: np.ndarray

    @property
    def count(self) -> int:
        return int(self.has.sum())


def spaced(n: int) -> np.ndarray:
    """Positions of at most MOST of n rows, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST)).astype(int))


def one_sided(real: Trait, fake: Trait, least: float = 0.0) -> bool:
    """Whether the trait's share differs between the sets, and is at least `least` in the set with the larger share."""
    shares = [trait.count / len(trait.has) for trait in (real, fake)]
    table = [[trait.count, len(trait.has) - trait.count] for trait in (real, fake)]
    return max(shares) >= least and float(fisher_exact(table).pvalue) <= LEVEL


def sentence(sets: Sets, real: Trait, fake: Trait, words: str) -> str:
    """Counts of a trait on both sides, and two example names of the side with the larger share."""
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
