"""Quality of the discriminator's features: a linear classifier on them, trained with few labels.

The features of an image are the input of the last linear or convolutional layer of the final discriminator. For s = 1,
5 and 10, s % of the n training images are kept: the same share of each class and at least one image of each. With equal
n and seeds, the family `augmentation` keeps the same images. Logistic regression is trained on the kept images:

    d_features_accuracy_s   its accuracy on the real test split
    d_features_gain_s       accuracy_s minus the accuracy of the same regression on pixels in place of features
    d_features_learnt_s     accuracy_s minus the accuracy of the same regression on the features of the discriminator
                            before training

Read the two differences together: features of a wide random network can already be better than pixels. A small or
negative difference does not mean poor samples, because a discriminator can detect generated images without knowing
classes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.errors import UserError
from gan_bench.features._network import map_batches
from gan_bench.game.network import Network, Tensors
from gan_bench.game.tricks import Tricks
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classification_task import Cache, Task, task_of
from gan_bench.metrics.augmentation import SHARES, _first_of_each, _kept_counts
from gan_bench.metrics.evaluate.access import RunAccess
from gan_bench.models._spectral import Spectral
from gan_bench.paths import CHECKPOINTS
from gan_bench.seeds import generator

FACTS = {
    "paper": "Radford et al. 2016, section 5, arXiv:1511.06434: a linear classifier on the discriminator's features",
    "settings": {
        "n": {
            "type": "int",
            "default": 5000,
            "min": 2,
            "unit": "images",
            "help": "number of training images that the shares refer to, at most the train split",
        },
        "seeds": {"type": "int", "default": 3, "min": 1, "help": "draws of the kept images; values are means"},
        "c": {
            "type": "float",
            "default": 100.0,
            "above": 0,
            "help": "weight of the data against the L2 penalty (scikit-learn's C), for rows of mean square norm 1",
        },
    },
    "deviations": [
        "only the input of the last layer is used; the paper joins the features of all convolutions. As in the paper, "
        "maps larger than 4 x 4 are max-pooled to 4 x 4",
        "logistic regression with a fixed penalty; the paper uses an L2-SVM and chooses its penalty on held-out "
        "images, which do not exist if one image of a class is kept",
        "the discriminator was trained on the data set itself, without labels; the paper's discriminator for CIFAR-10 "
        "was trained on ImageNet. With the trick auxiliary_classifier the discriminator was trained with all labels, "
        "and values are upper bounds",
        "no value for a discriminator that reads the class: its features would contain the label",
        "tricks that draw random numbers (noise, augmentation) are left out; a discriminator of packs reads copies of "
        "one image; a discriminator that compares the images of a minibatch reads one image at a time",
    ],
    "needs": ["run"],
    "reads_checkpoints": True,
    "values": {
        "d_features_accuracy_1": {"label": "D features, 1 %", "direction": "higher", "range": [0, 1], "unit": ""},
        "d_features_accuracy_5": {"label": "D features, 5 %", "direction": "higher", "range": [0, 1], "unit": ""},
        "d_features_accuracy_10": {"label": "D features, 10 %", "direction": "higher", "range": [0, 1], "unit": ""},
        "d_features_gain_1": {"label": "D features - pixels, 1 %", "direction": "none", "range": [-1, 1], "unit": ""},
        "d_features_gain_5": {"label": "D features - pixels, 5 %", "direction": "none", "range": [-1, 1], "unit": ""},
        "d_features_gain_10": {"label": "D features - pixels, 10 %", "direction": "none", "range": [-1, 1], "unit": ""},
        "d_features_learnt_1": {"label": "D features learnt, 1 %", "direction": "none", "range": [-1, 1], "unit": ""},
        "d_features_learnt_5": {"label": "D features learnt, 5 %", "direction": "none", "range": [-1, 1], "unit": ""},
        "d_features_learnt_10": {"label": "D features learnt, 10 %", "direction": "none", "range": [-1, 1], "unit": ""},
    },
    "min_n": 1,
    "estimator": "accuracy on the whole test split; mean over seeds. Each seed sets the kept images, which are the "
    "same for the features and for both baselines; features are standardised on the training images that are used",
}

#: Types of layers; the last layer of one of these types is used. Under spectral normalisation, `Spectral` replaces the
#: other two types.
LAYERS = (nn.Linear, nn.Conv2d, Spectral)

#: Feature maps are pooled to at most this height and width, because larger ones would not fit into memory.
SIDE = 4

BATCH = 256

Describe = Callable[[Tensor], Tensor]

#: Accuracies (shares, seeds) on pixels, by data set and settings.
_PIXELS = Cache[np.ndarray](4)


@dataclass(frozen=True)
class Discriminator:
    """A trained discriminator on the CPU, and its initial weights.

    seen: maps images (B, C, H, W) in [-1, 1] to the input of the discriminator.
    batch: number of images per forward pass.
    """

    network: Network
    trained: Tensors
    initial: Tensors
    seen: Describe
    batch: int


@dataclass(frozen=True)
class Kept:
    """The training images that are used.

    pool: (M,) row numbers of all images that are kept or on which features are standardised.
    rows: rows[seed][share] are the positions in `pool` of the kept images.
    """

    pool: np.ndarray
    rows: list[list[np.ndarray]]


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """Accuracies in [0, 1] and differences in [-1, 1]. They are deterministic: nothing is drawn from `rng`.

    Raises:
        MetricUndefined: no labels, a single class, no test images, no stored discriminator, a discriminator that reads
            the class or has no layer of the types `LAYERS`, or features that are not finite.
    """
    assert sets.run is not None
    discriminator = discriminator_of(sets.run)
    task = task_of(sets.run)
    n, seeds, c = min(settings["n"], len(task.train)), settings["seeds"], settings["c"]
    kept_images = _kept_images(task, n, seeds)

    def on_features(tensors: Tensors) -> np.ndarray:
        def describe(x: Tensor) -> Tensor:
            return features_of(discriminator.network, tensors, discriminator.seen(x))

        return _accuracies(describe, discriminator.batch, task, kept_images, c).mean(axis=1)

    trained, initial = on_features(discriminator.trained), on_features(discriminator.initial)
    key = (task.digest, n, seeds, c)
    pixels = _PIXELS.get(key, lambda: _accuracies(lambda x: x.flatten(1), BATCH, task, kept_images, c)).mean(axis=1)
    values = {"accuracy": trained, "gain": trained - pixels, "learnt": trained - initial}
    return {
        f"d_features_{name}_{share}": float(value)
        for name, row in values.items()
        for share, value in zip(SHARES, row, strict=True)
    }


def discriminator_of(run: RunAccess) -> Discriminator:
    """The final discriminator of a run.

    Raises:
        MetricUndefined: the run has no discriminator, did not keep it, or its discriminator reads the class.
        UserError: the checkpoint file is damaged or does not match the run's settings.
    """
    run_generator = run.generator
    settings = run_generator.setup.settings
    network = run_generator.program.networks.get("discriminator")
    if network is None:
        raise MetricUndefined(f"method {settings['method']['name']!r} has no discriminator")
    tricks = Tricks(settings["tricks"] or [])
    if tricks.any_declares("d_sees_labels"):
        raise MetricUndefined("the discriminator is given the class of an image: its features hold the label")
    path = run.folder / CHECKPOINTS
    trained = _read(path)
    if not trained:
        raise MetricUndefined("the run kept no discriminator: set checkpoints in the study")
    run_generator.program.initialise(generator(settings["seed"], "init"))
    module = network.module
    initial = {name: tensor.detach().clone() for name, tensor in [*module.named_parameters(), *module.named_buffers()]}
    if any(name not in trained or trained[name].shape != tensor.shape for name, tensor in initial.items()):
        raise UserError(
            f"{path}: the discriminator does not fit the run's settings; was a component edited after the run?"
        )
    # If D couples the images of a batch, it gets one image at a time: features must not depend on other images.
    alone = any(trick.facts.get("couples_batch") is True for trick in tricks.all)
    return Discriminator(network, trained, initial, _final_view(tricks), 1 if alone else BATCH)


def features_of(network: Network, tensors: Tensors, x: Tensor) -> Tensor:
    """(B, F) input of the last layer of a type in `LAYERS`, in eval mode, max-pooled to at most SIDE x SIDE."""
    last_inputs: list[Tensor] = []

    def record(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        last_inputs[:] = inputs[:1]

    layers = [layer for layer in network.module.modules() if isinstance(layer, LAYERS)]
    hooks = [layer.register_forward_pre_hook(record) for layer in layers]
    try:
        with torch.no_grad():
            network(tensors, {}, x, training=False)
    finally:
        for hook in hooks:
            hook.remove()
    if not last_inputs:
        raise MetricUndefined("the discriminator has no linear or convolutional layer")
    features = last_inputs[0]
    if features.ndim == 4 and max(features.shape[2:]) > SIDE:
        height, width = (min(side, SIDE) for side in features.shape[2:])
        features = F.adaptive_max_pool2d(features, (height, width))
    return features.flatten(1)


def _read(path: Path) -> Tensors:
    """The discriminator's tensors in a run's checkpoint file; empty if there are none."""
    prefix = "discriminator/"
    if not path.is_file():
        return {}
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118 (not a mapping)
            return {name[len(prefix) :]: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise UserError(f"{path}: damaged ({type(error).__name__}).") from None


def _final_view(tricks: Tricks) -> Describe:
    """Function from images to D's input at the end of training, without the tricks that draw random numbers."""
    fixed = [hook for trick, hook in tricks.hooks("view") if trick.bound("draw") is None]

    def view(x: Tensor) -> Tensor:
        for hook in fixed:
            x = hook(x, {}, torch.ones(()))
        return x.repeat(1, tricks.packs, 1, 1)

    return view


def _kept_images(task: Task, n: int, seeds: int) -> Kept:
    """The kept images of each seed and share, chosen as in `augmentation`."""
    labels = task.train.labels
    counts = _kept_counts(task, n)
    if np.count_nonzero(counts[0]) < 2:
        raise MetricUndefined("all training images are of one class: there is nothing to tell apart")
    orders = [generator(seed, "data").spawn(1)[0].permutation(len(labels)) for seed in range(seeds)]
    rows = [[_first_of_each(order, labels, of_share) for of_share in counts] for order in orders]
    pool = np.unique(np.concatenate([orders[0][:n], *(kept for of_seed in rows for kept in of_seed)]))
    return Kept(pool, [[np.searchsorted(pool, kept) for kept in of_seed] for of_seed in rows])


def _accuracies(describe: Describe, batch: int, task: Task, kept_images: Kept, c: float) -> np.ndarray:
    """(shares, seeds) accuracies of logistic regression on the test split; `describe` maps images to features."""
    train, test = _standardised(
        map_batches(task.train.images[kept_images.pool], batch, describe),
        map_batches(np.array(task.test.images), batch, describe),
    )
    labels = task.train.labels[kept_images.pool]
    accuracies = np.empty((len(SHARES), len(kept_images.rows)))
    for seed, of_seed in enumerate(kept_images.rows):
        for i, rows in enumerate(of_seed):
            accuracies[i, seed] = np.mean(_predicted(train[rows], labels[rows], test, c) == task.test.labels)
    return accuracies


def _standardised(train: Tensor, test: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Both sets (N, F), scaled so that training rows have mean 0 and sd 1/sqrt(F) in each column.

    Columns that are constant on the training rows (up to rounding) are left out. Training rows then have mean square
    norm 1, so the same penalty suits any number of features.
    """
    sd, mean = torch.std_mean(train, dim=0, correction=0)
    if not (torch.isfinite(sd).all() and torch.isfinite(test).all()):
        raise MetricUndefined("the discriminator's features are not finite")
    alive = sd > 1e-6 * mean.abs()
    mean, scale = mean[alive], sd[alive] * max(int(alive.sum()), 1) ** 0.5
    first, second = ((rows[:, alive] - mean).div_(scale).numpy() for rows in (train, test))
    return first, second


def _predicted(rows: np.ndarray, labels: np.ndarray, test: np.ndarray, c: float) -> np.ndarray:
    """Labels predicted for `test` (N, F) by multinomial logistic regression on `rows` (m, F) and their labels."""
    from sklearn.linear_model import LogisticRegression

    points = rows.astype(np.float64)
    basis = None
    if points.shape[1] > len(points):
        # The optimal weights are linear combinations of the m rows, so m coordinates replace the F features.
        basis = np.linalg.qr(points.T)[0]
        points = points @ basis
    model = LogisticRegression(C=c, tol=1e-6, max_iter=100_000).fit(points, labels)
    weights = model.coef_.T if basis is None else basis @ model.coef_.T
    scores = test @ weights.astype(np.float32) + model.intercept_
    if scores.shape[1] == 1:  # for two classes, the model gives one score
        scores = np.hstack([-scores, scores])
    predicted: np.ndarray = model.classes_[scores.argmax(axis=1)]
    return predicted
