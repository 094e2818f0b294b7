"""Shared parts of metrics that train a classifier: labelled images of a data set and of a run, training, accuracy.

The classifier is the network of `gan_bench.features.classifier` with fixed settings (`RECIPE`). The number of
optimisation steps does not depend on the number of images, so two training sets are compared at the same budget. The
classifier's seeds are 0, 1, ... for every run. So a classifier trained on real images alone depends only on the data
set and the settings. All runs are compared with the same accuracy of this classifier.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.features import classifier
from gan_bench.features._network import as_input
from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.evaluate.access import RunAccess
from gan_bench.seeds import generator

#: These settings are written out, not read from the extractor. So a change of the extractor's defaults changes no
#: score.
RECIPE: dict[str, Any] = {"width": 24, "dim": 64, "lr": 0.01, "batch_size": 128, "weight_decay": 0.01}

Weights = dict[str, Tensor]
T = TypeVar("T")


@dataclass(frozen=True)
class Labelled:
    """Labelled images. images: (N, C, H, W), uint8 pixels or float32 points in [-1, 1]; labels: (N,) int64."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: np.ndarray) -> "Labelled":
        """The images with these row numbers, in this order."""
        return Labelled(self.images[rows], self.labels[rows])

    def joined(self, others: "Labelled") -> "Labelled":
        """These images followed by `others`."""
        return Labelled(np.concatenate([self.images, others.images]), np.concatenate([self.labels, others.labels]))


@dataclass(frozen=True)
class Task:
    """Real labelled images of both splits. `classes`: number K of classes. `digest`: digest of the data set."""

    train: Labelled
    test: Labelled
    classes: int
    digest: str


def task_of(run: RunAccess) -> Task:
    """The data set of `run` as a task.

    Raises:
        MetricUndefined: no labels, fewer than 2 classes, fewer than 2 training images, or no test images.
    """
    splits = []
    for split in ("train", "test"):
        labels = run.data.labels(split)
        if labels is None:
            raise MetricUndefined(f"data set {run.data.name!r} has no labels: no classifier can be trained on it")
        splits.append(Labelled(run.data.images(split), labels))
    train, test = splits
    classes = len(run.data.classes or ())
    if classes < 2 or len(train) < 2 or not len(test):
        raise MetricUndefined("a classifier needs at least 2 classes, 2 training images and 1 test image")
    return Task(train, test, classes, run.data.digest)


def generated(run: RunAccess, counts: np.ndarray, rng: np.random.Generator) -> Labelled:
    """counts[k] generated images of each class k, in the order of classes; `rng` draws the seed of their latents.

    Raises:
        MetricUndefined: the generator takes no class, or its images are not finite.
    """
    try:
        images, labels = run.labelled(counts, int(rng.integers(2**31)))
    except UserError:  # the run's files were read before, so the only possible cause is images that are not finite
        raise MetricUndefined("given a class, the generator makes images that are not finite") from None
    return Labelled(images, labels)


def trained(examples: Labelled, classes: int, steps: int, seed: int) -> Weights:
    """Weights of the classifier after training on `steps` minibatches of min(128, N) images.

    The optimizer is AdamW with a one-cycle learning rate. `seed` sets the initial weights and the minibatches.
    """
    net = classifier._build(examples.images.shape[1:], classes, RECIPE)
    classifier._initialise(net, generator(seed, "init"))
    labels = torch.from_numpy(np.array(examples.labels, dtype=np.int64))
    rate = RECIPE["lr"]
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=RECIPE["weight_decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.2)
    net.train()
    for rows in _minibatches(len(examples), steps, generator(seed, "data")):
        optimizer.zero_grad()
        F.cross_entropy(net(as_input(examples.images[rows])), labels[rows]).backward()
        optimizer.step()
        schedule.step()
    return {name: value.detach().clone() for name, value in net.state_dict().items()}


def accuracy(weights: Weights, examples: Labelled) -> float:
    """Share of images whose most probable class is their label, in [0, 1]."""
    scores = classifier.extract(weights, examples.images, RECIPE).log_probs
    assert scores is not None
    return float(np.mean(scores.argmax(axis=1) == examples.labels))


def _minibatches(n: int, steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`steps` arrays of row numbers: shuffled passes over the rows, each without its last partial minibatch."""
    size = min(RECIPE["batch_size"], n)
    per_pass = n // size
    for step in range(steps):
        if step % per_pass == 0:
            order = rng.permutation(n)
        start = step % per_pass * size
        yield order[start : start + size]


class Cache(Generic[T]):
    """The `size` most recently used results by key, shared by the runs of one process."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.results: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result for this key; `make` computes it and must depend on the key only."""
        if key not in self.results:
            self.results[key] = make()
            while len(self.results) > self.size:
                self.results.popitem(last=False)
        self.results.move_to_end(key)
        return self.results[key]
