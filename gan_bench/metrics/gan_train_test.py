"""GAN-train and GAN-test: how well a classifier carries over between labelled generated and real images.

    gan_train   trained on n generated images and the classes asked for, accuracy on the real test split
    gan_test    trained on n real training images, accuracy on those generated images
    gan_base    the classifier of gan_test, accuracy on the real test split

All three classifiers have the same class counts, steps and seeds, so gan_base - gan_train is what is lost by training
on generated images. gan_train falls where images are poor and where they lack diversity; gan_test falls only where they
are poor or of another class than asked for. A collapse to a few good images thus has a low gan_train and a high
gan_test. gan_test above gan_base says that images are easier than real ones, or copies of training images.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import Sets
from gan_bench.metrics._classification_task import (
    Labelled,
    Remembered,
    Task,
    Weights,
    accuracy,
    generated,
    task_of,
    trained,
)
from gan_bench.seeds import generator

FACTS = {
    "paper": "Shmelkov et al. 2018, arXiv:1807.09499, sec. 3; gan_train is also the classification accuracy score of "
    "Ravuri and Vinyals 2019, arXiv:1905.10887",
    "settings": {
        "n": {
            "type": "int",
            "default": None,
            "min": 2,
            "nullable": True,
            "unit": "images",
            "help": "training images of each classifier, at most the train split; null = 10 000 at most",
        },
        "steps": {"type": "int", "default": 400, "min": 10, "help": "minibatches of 128 that each classifier sees"},
        "seeds": {"type": "int", "default": 1, "min": 1, "help": "classifiers that each value is the mean of"},
    },
    "deviations": [
        "the classifier is a small convolutional network with a fixed number of steps and no shifts or flips of its "
        "images; theirs are residual networks",
        "as many generated images as real ones, with their class counts; there the number is varied",
    ],
    "needs": ["run"],
    "values": {
        "gan_train": {"label": "GAN-train accuracy", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
        "gan_test": {"label": "GAN-test accuracy", "direction": "none", "range": [0.0, 1.0], "unit": ""},
        "gan_base": {"label": "Real-train accuracy", "direction": "none", "range": [0.0, 1.0], "unit": ""},
    },
    "min_n": 1,
    "estimator": "accuracy on the whole test split, or on the n generated images; mean over classifier seeds",
}

#: Training images where the setting `n` is null and there are more.
MOST = 10_000

#: By data set and settings: the classifiers trained on real images and their mean accuracy on the test split.
_REAL = Remembered[tuple[list[Weights], float]](4)


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """gan_train, gan_test and gan_base in [0, 1]; MetricUndefined without labels or where no class can be asked for."""
    assert sets.run is not None
    task = task_of(sets.run)
    steps, seeds = settings["steps"], settings["seeds"]
    n = min(settings["n"] or MOST, len(task.train))
    chosen = _real_images(task, n)
    # Before anything is trained: a run without classes ends here.
    fake = generated(sets.run, np.bincount(chosen.labels, minlength=task.classes), rng)
    nets, base = _REAL.get((task.digest, n, steps, seeds), lambda: _on_real(task, chosen, steps, seeds))
    own = [trained(fake, task.classes, steps, seed) for seed in range(seeds)]
    return {
        "gan_train": float(np.mean([accuracy(net, task.test) for net in own])),
        "gan_test": float(np.mean([accuracy(net, fake) for net in nets])),
        "gan_base": base,
    }


def _real_images(task: Task, n: int) -> Labelled:
    """`n` training images, the same ones for every run of a data set."""
    # A child stream: the parent gives the order of the first classifier's minibatches.
    order = generator(0, "data").spawn(1)[0].permutation(len(task.train))
    return task.train.take(np.sort(order[:n]))


def _on_real(task: Task, chosen: Labelled, steps: int, seeds: int) -> tuple[list[Weights], float]:
    nets = [trained(chosen, task.classes, steps, seed) for seed in range(seeds)]
    return nets, float(np.mean([accuracy(net, task.test) for net in nets]))
