"""Mutual information (InfoGAN): z contains codes, which a head of D predicts from the generated image."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.tricks import Scene

FACTS: dict[str, Any] = {
    "paper": "Chen et al. 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing Generative "
    "Adversarial Nets, equations 5 and 6, appendix C.1 (arXiv:1606.03657)",
    "settings": {
        "categories": {
            "type": "int",
            "default": 10,
            "min": 2,
            "max": 10000,
            "help": "number of values of the categorical code",
        },
        "continuous": {
            "type": "int",
            "default": 2,
            "min": 0,
            "max": 1000,
            "help": "number of codes that are uniform in [-1, 1]",
        },
        "weight": {"type": "float", "default": 1.0, "min": 0, "help": "factor of the categorical term (lambda)"},
        "continuous_weight": {
            "type": "float",
            "default": 0.1,
            "min": 0,
            "help": "factor of the continuous term; the paper recommends a smaller one than `weight`",
        },
    },
    "deviations": [
        "Q is a linear layer on D's last hidden layer; the paper has an additional layer of 128 units.",
        "For continuous codes, Q is a normal distribution with learnt mean and variance 1.",
        "As in the authors' code, both players minimise the term, so it trains D's layers too.",
    ],
    "excludes": ["packing"],
}


def code_width(settings: Mapping[str, Any]) -> int:
    """Number of columns: a one-hot category, then the continuous codes."""
    return int(settings["categories"] + settings["continuous"])


def code(rng: np.random.Generator, n: int, settings: Mapping[str, Any]) -> np.ndarray:
    """Codes float32 (n, code_width): a uniform category, then uniform numbers. The first rows do not depend on n."""
    k = settings["categories"]
    drawn = rng.random((n, 1 + settings["continuous"]), dtype=np.float32)
    category = np.minimum((drawn[:, :1] * k).astype(np.int64), k - 1)
    return np.concatenate([(category == np.arange(k)).astype(np.float32), drawn[:, 1:] * 2 - 1], axis=1)


def head_width(scene: Scene, settings: Mapping[str, Any]) -> int:
    """Number of outputs: a logit for each category, then a mean for each continuous code."""
    return code_width(settings)


def auxiliary(
    head: Tensor, classes: Tensor | None, codes: Tensor | None, real: bool, settings: Mapping[str, Any]
) -> Tensor | None:
    """Weighted -E[log Q(c | G(z, c))] in nats, from head and codes (B, code_width).

    With both weights 1, this is minus the paper's bound L_I, up to the constant H(c). None for real images, which have
    no codes. The continuous term is the negative log-density of N(mean, 1).
    """
    if real:
        return None
    assert codes is not None
    k = settings["categories"]
    category = -(codes[:, :k] * torch.log_softmax(head[:, :k], dim=1)).sum(dim=1)
    density = 0.5 * (codes[:, k:] - head[:, k:]).square() + 0.5 * math.log(2 * math.pi)
    return (settings["weight"] * category + settings["continuous_weight"] * density.sum(dim=1)).mean()
