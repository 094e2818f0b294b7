"""Augmentation gain: what generated images add to a classifier that has few labelled real ones.

For 1 %, 5 % and 10 % of the n training images, the same share of each class and at least one image of each:

    augmentation_base_s   accuracy on the real test split of a classifier trained on these real images alone
    augmentation_gain_s   that of one trained on them and on generated images with the classes asked for, minus base_s

Both see the same number of minibatches and start from the same weights. The real images of a seed are the same for
every run of a data set, and those of 1 % are among those of 5 % and 10 %. Read the gain beside base_s: it cannot exceed
1 - base_s.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classification_task import Labelled, Remembered, Task, accuracy, generated, task_of, trained
from gan_bench.seeds import generator

FACTS = {
    "paper": "Antoniou et al. 2017, arXiv:1711.04340, and Shmelkov et al. 2018, arXiv:1807.09499: generated images "
    "beside few labelled ones",
    "settings": {
        "n": {
            "type": "int",
            "default": None,
            "min": 2,
            "nullable": True,
            "unit": "images",
            "help": "training images of which shares are kept, at most the train split; null = 5 000 at most",
        },
        "generated": {
            "type": "int",
            "default": None,
            "min": 1,
            "nullable": True,
            "unit": "images",
            "help": "generated images for each kept real one; null = as many as fill up the training set to n",
        },
        "steps": {"type": "int", "default": 100, "min": 10, "help": "minibatches of 128 that each classifier sees"},
        "seeds": {"type": "int", "default": 3, "min": 1, "help": "draws of the kept images; values are means"},
    },
    "deviations": [
        "the generator was trained with the labels of all training images, the classifier sees few: the gain is an "
        "upper bound of what a generator trained on the kept images alone would add",
        "no other augmentation (shifts, flips) is applied",
        "minibatches of fewer than 128 images where fewer are kept, so the classifier of the base sees fewer images in "
        "as many steps",
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
    "estimator": "accuracy on the whole test split; mean over seeds, each with kept images and initial weights of its "
    "own, the same ones with and without generated images; one set of generated images for all seeds",
}

#: Percent of labels that are kept.
SHARES = (1, 5, 10)

#: Training images where the setting `n` is null and there are more.
MOST = 5_000

#: By data set and settings: accuracies (shares, seeds) with the kept images alone.
_BASE = Remembered[np.ndarray](4)


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """Gains in [-1, 1], bases in [0, 1]; MetricUndefined without labels or where no class can be asked for."""
    assert sets.run is not None
    task = task_of(sets.run)
    steps, seeds = settings["steps"], settings["seeds"]
    n = min(settings["n"] or MOST, len(task.train))
    kept = _kept_counts(task, n)
    added = _added_counts(kept, n, settings["generated"])
    # One pool for all shares and seeds: a slow generator would otherwise be asked many times.
    pool = generated(sets.run, added.max(axis=0), rng)
    base = _BASE.get((task.digest, n, steps, seeds), lambda: _accuracies(task, kept, steps, seeds))
    rows = np.arange(len(pool))
    more = [pool.take(_first_of_each(rows, pool.labels, counts)) for counts in added]
    gain = (_accuracies(task, kept, steps, seeds, more) - base).mean(axis=1)
    return {
        **{f"augmentation_gain_{share}": float(value) for share, value in zip(SHARES, gain, strict=True)},
        **{f"augmentation_base_{share}": float(value) for share, value in zip(SHARES, base.mean(axis=1), strict=True)},
    }


def _accuracies(task: Task, kept: np.ndarray, steps: int, seeds: int, more: list[Labelled] | None = None) -> np.ndarray:
    """(shares, seeds) accuracies on the test split; `more` holds what is added to the kept images of each share."""
    found = np.empty((len(SHARES), seeds))
    for seed in range(seeds):
        # A child stream: the parent gives the order of the classifier's minibatches.
        order = generator(seed, "data").spawn(1)[0].permutation(len(task.train))
        for i, counts in enumerate(kept):
            examples = task.train.take(_first_of_each(order, task.train.labels, counts))
            if more is not None:
                examples = examples.joined(more[i])
            found[i, seed] = accuracy(trained(examples, task.classes, steps, seed), task.test)
    return found


def _kept_counts(task: Task, n: int) -> np.ndarray:
    """(shares, K) real images of each class that are kept: of n in the train split's proportions, at least one."""
    counts = np.bincount(task.train.labels, minlength=task.classes)
    wanted = np.rint(np.outer(SHARES, counts * (n / len(task.train))) / 100).astype(np.int64)
    return np.where(counts > 0, np.maximum(wanted, 1), 0)


def _added_counts(kept: np.ndarray, n: int, each: int | None) -> np.ndarray:
    """(shares, K) generated images of each class, in proportion to the kept ones: only their labels are known."""
    if each is not None:
        return each * kept
    totals = kept.sum(axis=1)
    if totals.max() >= n:
        raise MetricUndefined(f"{totals.max()} of {n} training images are kept: there is no place for generated ones")
    return np.stack([_apportioned(n - total, counts) for total, counts in zip(totals, kept, strict=True)])


def _apportioned(total: int, weights: np.ndarray) -> np.ndarray:
    """`total` split in proportion to `weights` (K,) into whole numbers, largest remainders first."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def _first_of_each(order: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Row numbers: of each class k its first counts[k] in `order` (a permutation of all rows)."""
    of_class = [order[labels[order] == k][:count] for k, count in enumerate(counts)]
    return np.concatenate(of_class)
