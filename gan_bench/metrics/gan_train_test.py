"""GAN-train and GAN-test: how well a classifier transfers between labelled generated and real images.

    gan_train   a classifier trained on n generated images of requested classes: accuracy on the real test split
    gan_test    a classifier trained on n real training images: accuracy on the same generated images
    gan_base    the classifier of gan_test: accuracy on the real test split

All classifiers are trained on equally many images of each class, with the same steps and seeds, so gan_base - gan_train
is the loss of accuracy from training on generated images. gan_train is low if generated images are poor or lack
diversity. gan_test is low only if generated images are poor or not of the requested class. So a generator that
collapses to a few good images has a low gan_train and a high gan_test. If gan_test is above gan_base, generated images
are easier to classify than real ones, or are copies of training images.
"""

from typing import Any

import numpy as np

from gan_bench.metrics import Sets
from gan_bench.metrics._classification_task import (
    Cache,
    Labelled,
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
            "help": "training images of each classifier, at most the train split; null = at most 10 000",
        },
        "steps": {"type": "int", "default": 400, "min": 10, "help": "minibatches of 128 that each classifier sees"},
        "seeds": {
            "type": "int",
            "default": 1,
            "min": 1,
            "help": "number of classifiers; each value is a mean over them",
        },
    },
    "deviations": [
        "the classifier is a small convolutional network with a fixed number of steps, without shifts or flips of the "
        "images; the paper uses residual networks",
        "the numbers of generated and real images of each class are equal; the paper varies the number of generated "
        "images",
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

#: Number of training images that are used if the setting `n` is null and the train split has more images than this.
DEFAULT_MAX_IMAGES = 10_000

#: Classifiers trained on real images and their mean accuracy on the test split, by data set and settings.
_REAL = Cache[tuple[list[Weights], float]](4)


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """gan_train, gan_test and gan_base in [0, 1].

    Raises:
        MetricUndefined: no classifier can be trained (see `task_of`), or the generator makes no images of requested
            classes (see `generated`).
    """
    assert sets.run is not None
    task = task_of(sets.run)
    steps, seeds = settings["steps"], settings["seeds"]
    n = min(settings["n"] or DEFAULT_MAX_IMAGES, len(task.train))
    real_images = _real_images(task, n)
    # This comes before any training, because it raises MetricUndefined for a generator that takes no class.
    fake = generated(sets.run, np.bincount(real_images.labels, minlength=task.classes), rng)
    real_nets, base = _REAL.get((task.digest, n, steps, seeds), lambda: _on_real(task, real_images, steps, seeds))
    fake_nets = [trained(fake, task.classes, steps, seed) for seed in range(seeds)]
    return {
        "gan_train": float(np.mean([accuracy(net, task.test) for net in fake_nets])),
        "gan_test": float(np.mean([accuracy(net, fake) for net in real_nets])),
        "gan_base": base,
    }


def _real_images(task: Task, n: int) -> Labelled:
    """`n` training images, the same for every run of a data set."""
    # A child stream, because the parent stream orders the first classifier's minibatches.
    order = generator(0, "data").spawn(1)[0].permutation(len(task.train))
    return task.train.take(np.sort(order[:n]))


def _on_real(task: Task, real_images: Labelled, steps: int, seeds: int) -> tuple[list[Weights], float]:
    nets = [trained(real_images, task.classes, steps, seed) for seed in range(seeds)]
    return nets, float(np.mean([accuracy(net, task.test) for net in nets]))
