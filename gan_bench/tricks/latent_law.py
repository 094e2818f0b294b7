"""The distribution of the noise: uniform in a cube, or on a sphere, in place of the normal distribution."""

from collections.abc import Mapping
from typing import Any

import numpy as np

FACTS: dict[str, Any] = {
    "paper": "uniform: Radford et al. 2016, section 4 (arXiv:1511.06434); spherical: White 2016, Sampling Generative "
    "Networks, section 2 (arXiv:1609.04468)",
    "settings": {
        "law": {
            "type": "str",
            "default": "uniform",
            "choices": ["uniform", "spherical"],
            "help": "uniform in [-1, 1) for each number; spherical: uniform on the sphere of radius sqrt(dimension)",
        },
    },
    "deviations": [],
}


def latent(rng: np.random.Generator, n: int, dim: int, settings: Mapping[str, Any]) -> np.ndarray:
    """Noise float32 (n, dim). The sphere's radius sqrt(dim) is the root mean square length of a normal vector."""
    if settings["law"] == "uniform":
        return rng.random((n, dim), dtype=np.float32) * 2 - 1
    normal = rng.standard_normal((n, dim), dtype=np.float32)
    length = np.sqrt(np.square(normal, dtype=np.float64).sum(axis=1, keepdims=True))
    return (normal * (np.sqrt(dim) / length)).astype(np.float32)
