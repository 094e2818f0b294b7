"""The gradient of D's logit with respect to D's input, and norms of this gradient."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

Critic = Callable[[Tensor], Tensor]
Draws = Mapping[str, Tensor]
Settings = Mapping[str, Any]


def input_gradients(critic: Critic, images: Tensor) -> Tensor:
    """(B, C * H * W): gradient of each image's logit with respect to the image.

    Each logit depends on one image only, so the gradient of their sum contains the gradient of each logit.
    """
    return torch.func.grad(lambda x: critic(x).sum())(images).flatten(1)


def squared_norms(critic: Critic, images: Tensor) -> Tensor:
    """(B,): squared norm over pixels and channels of the gradient of each image's logit."""
    return input_gradients(critic, images).square().sum(dim=1)


def centred_norms(critic: Critic, images: Tensor, settings: Settings) -> Tensor:
    """weight * mean over images of (gradient norm - centre)^2."""
    norm = torch.linalg.vector_norm(input_gradients(critic, images), dim=1)
    return settings["weight"] * (norm - settings["centre"]).square().mean()
