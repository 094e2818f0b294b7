"""Untrained convolutional network with weights from a fixed seed, for data sets without labels.

Each stage is a 3 x 3 convolution to `width` channels, a ReLU and 2 x 2 average pooling. Stages halve the image until
another stage would leave a side of less than 2 px. The last map is divided into 2 x 2 cells. The mean of each channel
in each cell is a feature, so there are 4 x `width` features.

Each channel is standardised before its ReLU, so that depth does not make all channels alike. Its mean and variance are
measured once, on up to 128 training images. Mishkin and Matas 2015 (arXiv:1511.06422) scale in the same way, but
without a shift. Each feature is then standardised with the mean and standard deviation of the train split, so that
no feature dominates a distance. A feature that is constant on the train split is set to 0 and counted in the report.

The extractor works for images of at least 4 px with any number of channels. Distances are comparable only for the same
data set, settings and seed.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features._network import as_input, he_normal, map_batches
from gan_bench.seeds import generator

FACTS = {
    "paper": "Naeem et al. 2020, arXiv:2002.09797: embeddings of a randomly initialised network where the data are far "
    "from ImageNet",
    "settings": {
        "width": {
            "type": "int",
            "default": 32,
            "min": 1,
            "help": "channels of every convolution; the features are 4 x width",
        },
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the weights"},
    },
    "deviations": [
        "a small network made for 8 to 64 px in place of VGG16",
        "channels and features are standardised with statistics of the train split",
    ],
    "needs_labels": False,
    "probabilities": False,
}

#: Largest number of training images used for the statistics of the inner channels.
CALIBRATION = 128
#: A channel or feature counts as constant if its standard deviation is at most this share of its absolute mean. Such a
#: deviation is only a rounding error.
RELATIVE_FLOOR = 1e-5


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Draw the weights, and scale them by statistics of training images. Only the train split is read."""
    channels, height, width = data.shape
    if min(height, width) < 4:
        raise UserError(f"features: random_conv needs images of 4 px or more; {data.name!r} has {height} x {width}.")
    images = data.images("train")
    if not len(images):
        raise UserError(f"features: random_conv needs training images; data set {data.name!r} has none.")
    # Two random streams, so that the weights do not depend on the number of images.
    rng, rows = generator(seed, "init"), generator(seed, "data").permutation(len(images))[:CALIBRATION]
    x = as_input(images[np.sort(rows)])
    weights: dict[str, Tensor] = {}
    for index in range(_stages(height, width)):
        kernel = he_normal(rng, (settings["width"], channels, 3, 3))
        mean, scale = _standardiser(F.conv2d(x, kernel, padding=1), (0, 2, 3))
        weights[f"conv{index}.weight"] = kernel * scale[:, None, None, None]
        weights[f"conv{index}.bias"] = -mean * scale
        x, channels = _stage(x, weights, index), settings["width"]
    weights["mean"], weights["scale"] = _standardiser(map_batches(images, 256, lambda b: _pooled(b, weights)), (0,))
    constant = int((weights["scale"] == 0).sum())
    return weights, {"n_train": len(images), "constant_features": constant, "stages": _stages(height, width)}


def extract(
    weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 256
) -> Features:
    """Features (N, 4 width) float32 of uint8 images (N, C, H, W), without class probabilities.

    `batch_size` changes values only by float32 rounding: below 1e-4, for features of unit scale.
    """
    return Features(
        map_batches(images, batch_size, lambda x: (_pooled(x, weights) - weights["mean"]) * weights["scale"]).numpy()
    )


def _stages(height: int, width: int) -> int:
    """How often the image can be halved so that its shorter side still has 2 px or more."""
    return min(height, width).bit_length() - 2


def _stage(x: Tensor, weights: dict[str, Tensor], index: int) -> Tensor:
    """One stage: a convolution whose weight and bias standardise each channel, a ReLU, and a halving."""
    y = F.conv2d(x, weights[f"conv{index}.weight"], weights[f"conv{index}.bias"], padding=1)
    return F.avg_pool2d(F.relu(y), 2)


def _pooled(x: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """Images (B, C, H, W) in [-1, 1] -> features (B, 4 width), not yet standardised."""
    for index in range(_stages(x.shape[2], x.shape[3])):
        x = _stage(x, weights, index)
    return F.adaptive_avg_pool2d(x, 2).flatten(1)


def _standardiser(values: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Mean, and 1 / standard deviation (0 if the values are constant), over `axes`, float32."""
    wide = values.double()
    mean, sd = wide.mean(axes), wide.std(axes, correction=0)
    constant = sd <= RELATIVE_FLOOR * mean.abs()
    scale = torch.where(constant, torch.zeros_like(sd), 1.0 / sd)
    return mean.float(), scale.float()
