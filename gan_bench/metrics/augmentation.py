"""Augmentation gain: the benefit of generated images for a classifier with few labelled real images.

For s = 1, 5 and 10, s % of the n training images are kept: the same share of each class and at least one image of each.

    augmentation_base_s   test accuracy of a classifier trained only on the kept images
    augmentation_gain_s   test accuracy of a classifier trained on the kept and on generated images, minus base_s

Test accuracy is the accuracy on the real test split. Generated images are made for requested classes, which are their
labels. Both classifiers see the same number of minibatches and start from the same weights. For a given seed, the kept
images are the same for every run of a data set, and those of s = 1 are also kept for s = 5 and 10. Read the gain
together with base_s, because the gain cannot exceed 1 - base_s.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classification_task import Cache, Labelled, Task, accuracy, generated, task_of, trained
from gan_bench.seeds import generator

FACTS = {
    "paper": "Antoniou et al. 2017, arXiv:1711.04340, and Shmelkov et al. 2018, arXiv:1807.09499: generated images "
    "added to few labelled images",
    "settings": {
        "n": {
            "type": "int",
            "default": None,
            "min": 2,
            "nullable": True,
            "unit": "images",
            "help": "number of training images that the shares refer to, at most the train split; null = at most 5 000",
        },
        "generated": {
            "type": "int",
            "default": None,
            "min": 1,
            "nullable": True,
            "unit": "images",
            "help": "generated images for each kept real image; null = as many as fill up the training set to n",
        },
        "steps": {"type": "int", "default": 100, "min": 10, "help": "minibatches of 128 that each classifier sees"},
        "seeds": {"type": "int", "default": 3, "min": 1, "help": "draws of the kept images; values are means"},
    },
    "deviations": [
        "the generator was trained with the labels of all training images, but the classifier sees only few labels: "
        "the gain is an upper bound of the gain from a generator trained on the kept images alone",
        "no other augmentation (shifts, flips) is applied",
        "if fewer than 128 images are kept, a minibatch is that small, so the classifier without generated images sees "
        "fewer images in the same number of steps",
    ],
    "needs": ["run"],
    "values": {
        "augmentation_gain_1": {
            "label": "Augmentation gain, 1 % of labels",
            "direction": "higher",
            "range": [-1.0, 1.0],
            "unit": "",
        },
        "augmentation_gain_5": {
            "label": "Augmentation gain, 5 % of labels",
            "direction": "higher",
            "range": [-1.0, 1.0],
            "unit": "",
        },
        "augmentation_gain_10": {
            "label": "Augmentation gain, 10 % of labels",
            "direction": "higher",
            "range": [-1.0, 1.0],
            "unit": "",
        },
        "augmentation_base_1": {
            "label": "Accuracy with 1 % of labels",
            "direction": "none",
            "range": [0.0, 1.0],
            "unit": "",
        },
        "augmentation_base_5": {
            "label": "Accuracy with 5 % of labels",
            "direction": "none",
            "range": [0.0, 1.0],
            "unit": "",
        },
        "augmentation_base_10": {
            "label": "Accuracy with 10 % of labels",
            "direction": "none",
            "range": [0.0, 1.0],
            "unit": "",
        },
    },
    "min_n": 1,
    "estimator": "accuracy on the whole test split; mean over seeds. Each seed sets the kept images and the initial "
    "weights, which are the same with and without generated images; all seeds use the same generated images",
}

#: Percentages s of the training images that are kept.
SHARES = (1, 5, 10)

#: Number of training images that are used if the setting `n` is null and the train split has more images than this.
DEFAULT_MAX_IMAGES = 5_000

#: Accuracies (shares, seeds) without generated images, by data set and settings.
_BASE = Cache[np.ndarray](4)


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """Gains in [-1, 1], and accuracies without generated images in [0, 1].

    Raises:
        MetricUndefined: no classifier can be trained (see `task_of`), the generator makes no images of requested
            classes (see `generated`), or the number of kept images is n or more.
    """
    assert sets.run is not None
    task = task_of(sets.run)
    steps, seeds = settings["steps"], settings["seeds"]
    n = min(settings["n"] or DEFAULT_MAX_IMAGES, len(task.train))
    kept_counts = _kept_counts(task, n)
    added_counts = _added_counts(kept_counts, n, settings["generated"])
    # One pool for all shares and seeds, because generators may be slow.
    pool = generated(sets.run, added_counts.max(axis=0), rng)
    base = _BASE.get((task.digest, n, steps, seeds), lambda: _accuracies(task, kept_counts, steps, seeds))
    rows = np.arange(len(pool))
    added = [pool.take(_first_of_each(rows, pool.labels, counts)) for counts in added_counts]
    gain = (_accuracies(task, kept_counts, steps, seeds, added) - base).mean(axis=1)
    return {
        **{f"augmentation_gain_{share}": float(value) for share, value in zip(SHARES, gain, strict=True)},
        **{f"augmentation_base_{share}": float(value) for share, value in zip(SHARES, base.mean(axis=1), strict=True)},
    }


def _accuracies(
    task: Task, kept: np.ndarray, steps: int, seeds: int, added: list[Labelled] | None = None
) -> np.ndarray:
    """(shares, seeds) accuracies on the test split. added[i]: images added to the kept images of share i."""
    accuracies = np.empty((len(SHARES), seeds))
    for seed in range(seeds):
        # A child stream, because the parent stream orders the classifier's minibatches.
        order = generator(seed, "data").spawn(1)[0].permutation(len(task.train))
        for i, counts in enumerate(kept):
            examples = task.train.take(_first_of_each(order, task.train.labels, counts))
            if added is not None:
                examples = examples.joined(added[i])
            accuracies[i, seed] = accuracy(trained(examples, task.classes, steps, seed), task.test)
    return accuracies


def _kept_counts(task: Task, n: int) -> np.ndarray:
    """(shares, K) number of kept real images of each class: in the train split's proportions, at least one each."""
    counts = np.bincount(task.train.labels, minlength=task.classes)
    counts_by_share = np.rint(np.outer(SHARES, counts * (n / len(task.train))) / 100).astype(np.int64)
    return np.where(counts > 0, np.maximum(counts_by_share, 1), 0)


def _added_counts(kept_counts: np.ndarray, n: int, each: int | None) -> np.ndarray:
    """(shares, K) number of generated images of each class, in the proportions of the kept images.

    The labels of the images that are not kept count as unknown, so the class proportions of these images are not used.
    """
    if each is not None:
        return each * kept_counts
    totals = kept_counts.sum(axis=1)
    if totals.max() >= n:
        raise MetricUndefined(f"{totals.max()} of {n} training images are kept: no generated images would be added")
    return np.stack([_apportioned(n - total, counts) for total, counts in zip(totals, kept_counts, strict=True)])


def _apportioned(total: int, weights: np.ndarray) -> np.ndarray:
    """`total` split into integers in proportion to `weights` (K,), by largest remainders."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def _first_of_each(order: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Row numbers: for each class k, the first counts[k] rows of the class in `order` (a permutation of all rows)."""
    of_class = [order[labels[order] == k][:count] for k, count in enumerate(counts)]
    return np.concatenate(of_class)
