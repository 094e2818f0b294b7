"""Small convolutional classifier trained on the data set's own labels. Features are its penultimate layer.

Convolutions of 3 x 3 with stride 2, each with batch normalisation and ReLU, halve the image until no side is above 4
px. A linear layer then gives `dim` numbers, which are batch-normalised without gain or shift. These are the features.
On the train split each feature has mean near 0 and variance near 1, so no feature dominates a distance. No ReLU is
applied to the features, so no feature is stuck at zero. Class scores are a linear map of the ReLU of the features.
Pixel values are scaled to [-1, 1]. By default, training images are shifted at random by up to 1/28 of their shorter
side, rounded down to whole pixels.

The network is trained by AdamW on cross-entropy with a one-cycle learning rate. Features are computed in eval mode. On
one machine, the same data, settings, seed and number of threads give the same bytes.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_bench.blank import blank
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features._network import as_input, he_normal, map_batches
from gan_bench.seeds import generator

FACTS: dict[str, Any] = {
    "paper": "Xu et al. 2018, arXiv:1806.07755: metrics need a suitable feature space; here that of a classifier of "
    "the data set's own classes, in place of Inception",
    "settings": {
        "width": {
            "type": "int",
            "default": 24,
            "min": 1,
            "help": "channels of the first convolution; later ones double up to 4x",
        },
        "dim": {"type": "int", "default": 64, "min": 2, "help": "number of features D"},
        "epochs": {
            "type": "int",
            "default": None,
            "min": 1,
            "nullable": True,
            "help": "passes over the train split; null = 240 000 images, but 3 to 30 passes",
        },
        "shift": {
            "type": "int",
            "default": None,
            "min": 0,
            "nullable": True,
            "unit": "px",
            "help": "training images are moved by up to so many pixels, at random; null = a twenty-eighth of the side",
        },
        "lr": {"type": "float", "default": 0.01, "above": 0, "help": "peak of the one-cycle learning rate"},
        "batch_size": {"type": "int", "default": 128, "min": 2, "unit": "images", "help": "minibatch"},
        "weight_decay": {"type": "float", "default": 0.01, "min": 0, "help": "decoupled weight decay of AdamW"},
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of initial weights and data order"},
    },
    "deviations": [],
    "needs_labels": True,
    "probabilities": True,
}


class Net(nn.Module):
    """Images (B, C, H, W) in [-1, 1] -> features (B, dim) by `embed`, and class scores (B, K) by `forward`."""

    def __init__(self, shape: tuple[int, int, int], classes: int, width: int, dim: int) -> None:
        super().__init__()
        inputs, height, width_px = shape
        outputs, layers = width, list[nn.Module]()
        while max(height, width_px) > 4:
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
            height, width_px = (height + 1) // 2, (width_px + 1) // 2
            inputs, outputs = outputs, min(2 * outputs, 4 * width)
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.embedding = nn.Linear(inputs * height * width_px, dim, bias=False)
        self.norm = nn.BatchNorm1d(dim, affine=False)
        self.scores = nn.Linear(dim, classes)

    def embed(self, x: Tensor) -> Tensor:
        return self.norm(self.embedding(self.body(x)))

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(F.relu(self.embed(x)))


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Train on the train split. The report has the accuracy on the test split.

    UserError if there are no labels or fewer than two training images.
    """
    labels = data.labels("train")
    if labels is None:
        raise UserError(f"features: classifier needs labels and data set {data.name!r} has none; use random_conv.")
    classes = len(data.classes) if data.classes else int(labels.max()) + 1
    images = data.images("train")
    if len(images) < 2:
        raise UserError(
            f"features: classifier needs 2 training images or more; data set {data.name!r} has {len(images)}."
        )
    net = _build(tuple(data.shape), classes, settings)
    _initialise(net, generator(seed, "init"))
    epochs = settings["epochs"] or int(np.clip(-(-240_000 // len(images)), 3, 30))
    shift = min(images.shape[2:]) // 28 if settings["shift"] is None else settings["shift"]
    targets = torch.from_numpy(np.array(labels, dtype=np.int64))
    _train(net, images, targets, epochs, shift, settings, generator(seed, "data"))
    weights = {name: value.detach().clone() for name, value in net.state_dict().items()}
    report = {
        "test_accuracy": _accuracy(net, data.images("test"), data.labels("test")),
        "n_train": len(images),
        "n_test": len(data.images("test")),
        "classes": classes,
        "epochs": epochs,
        "shift": shift,
        "parameters": sum(p.numel() for p in net.parameters()),
    }
    return weights, report


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, dim) float32 and log-probabilities (N, K) float64 of uint8 images (N, C, H, W).

    `batch_size` changes values only by float32 rounding: below 1e-4, for features of unit scale.
    """
    net = _build(images.shape[1:], len(weights["scores.bias"]), settings)
    net.load_state_dict(weights)
    net.eval()
    features = map_batches(images, batch_size, net.embed)
    with torch.no_grad():
        # Scores in float64: in float32, the log-probability of a class with a probability near 1 would be 0.
        scores = F.linear(F.relu(features).double(), weights["scores.weight"].double(), weights["scores.bias"].double())
    return Features(features.numpy(), F.log_softmax(scores, dim=1).numpy())


def _build(shape: tuple[int, ...], classes: int, settings: dict[str, Any]) -> Net:
    channels, height, width = shape
    return blank(lambda: Net((channels, height, width), classes, settings["width"], settings["dim"]))


def _initialise(net: Net, rng: np.random.Generator) -> None:
    """Initialise the layers: He weights, zero biases, and PyTorch's initial values of batch normalisation."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.weight.copy_(he_normal(rng, tuple(module.weight.shape)))
                if module.bias is not None:
                    module.bias.zero_()
            elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.reset_parameters()


def _train(
    net: Net,
    images: np.ndarray,
    labels: Tensor,
    epochs: int,
    shift: int,
    settings: dict[str, Any],
    rng: np.random.Generator,
) -> None:
    """Train with AdamW and a one-cycle learning rate (Smith and Topin 2017, arXiv:1708.07120).

    If the last batch of an epoch would be smaller than the others, it is left out.
    """
    batch = min(settings["batch_size"], len(images))
    steps = len(images) // batch
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings["lr"], weight_decay=settings["weight_decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings["lr"], total_steps=epochs * steps, pct_start=0.2)
    net.train()
    for _ in range(epochs):
        order = rng.permutation(len(images))[: steps * batch].reshape(steps, batch)
        for rows in order:
            optimizer.zero_grad()
            F.cross_entropy(net(as_input(_moved(images[rows], shift, rng))), labels[rows]).backward()
            optimizer.step()
            schedule.step()
    net.eval()


def _moved(images: np.ndarray, shift: int, rng: np.random.Generator) -> np.ndarray:
    """Move each image at random by whole pixels, up to `shift` in each direction. Uncovered pixels repeat the edge."""
    if not shift:
        return images
    height, width = images.shape[2:]
    offsets = rng.integers(-shift, shift + 1, (len(images), 2))
    rows = np.clip(np.arange(height) + offsets[:, :1], 0, height - 1)
    columns = np.clip(np.arange(width) + offsets[:, 1:], 0, width - 1)
    index = np.arange(len(images))[:, None, None]
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None, :]]).transpose(
        0, 3, 1, 2
    )


def _accuracy(net: Net, images: np.ndarray, labels: np.ndarray) -> float | None:
    """Share of the images whose label has the highest score; None if there are no images."""
    if not len(images):
        return None
    guesses = map_batches(images, 512, net).argmax(dim=1).numpy()
    return float(np.mean(guesses == labels))
