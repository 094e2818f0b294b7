"""Deterministic splits and subsets that keep the proportions of the classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gan_bench.seeds import generator

#: Seed of all splits. Splits are the same for every seed of a run.
SPLIT_SEED = 0


def apportion(weights: Sequence[float], total: int) -> list[int]:
    """Whole numbers with the sum `total`, in proportion to `weights`, by largest remainders (Hamilton).

    Of equal remainders, the first wins.
    """
    shares = np.asarray(weights, dtype=np.float64)
    exact = shares / shares.sum() * total
    counts = np.floor(exact).astype(np.int64)
    first = np.argsort(-(exact - counts), kind="stable")[: total - int(counts.sum())]
    counts[first] += 1
    return [int(count) for count in counts]


def fixed_order(count: int) -> NDArray[np.int64]:
    """The order in which rows are stored: a fixed permutation of 0..count-1, independent of the seeds of runs."""
    return _permutation(count, 0)


def _permutation(count: int, stream: int) -> NDArray[np.int64]:
    # Selection and order use separate random streams. With one permutation for both, the rows of a split would not be
    # in random order.
    return generator(SPLIT_SEED, "data").spawn(2)[stream].permutation(count).astype(np.int64)


def subset(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A fixed random subset: increasing row numbers (count,), in proportion to the classes (largest remainders).

    ValueError if there are fewer rows than `count`.
    """
    if count > len(labels):
        raise ValueError(f"{count} rows asked of {len(labels)}")
    classes, sizes = np.unique(labels, return_counts=True)
    order = _permutation(len(labels), 1)
    wanted = apportion(sizes.tolist(), count)
    chosen = [order[labels[order] == label][:n] for label, n in zip(classes, wanted, strict=True)]
    return np.sort(np.concatenate(chosen))


def hold_out(labels: NDArray[np.int64], fraction: float) -> NDArray[np.uint8]:
    """Split (N,) uint8: 1 (test) for about `fraction` of the rows of each class, 0 (train) for the others.

    At least one row of each class is in the train split. For rows without classes, pass zeros as labels.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    order = _permutation(len(labels), 1)
    wanted = apportion(sizes.tolist(), round(fraction * len(labels)))
    split = np.zeros(len(labels), np.uint8)
    for label, size, n in zip(classes, sizes, wanted, strict=True):
        split[order[labels[order] == label][: min(n, size - 1)]] = 1
    return split
