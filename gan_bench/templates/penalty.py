"""Drift penalty: the mean square of the critic's output on real images."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

FACTS = {
    "paper": "Karras et al. 2018, Progressive Growing of GANs, appendix A.1 (arXiv:1710.10196)",
    "settings": {"weight": {"type": "float", "default": 0.001, "min": 0, "help": "factor of the mean square"}},
    "deviations": [],
    "per_sample_critic": False,
}


def penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    draws: Mapping[str, Tensor],
    settings: Mapping[str, Any],
) -> Tensor:
    """weight * mean over real images of D(x)^2."""
    return settings["weight"] * critic(real.detach()).square().mean()
