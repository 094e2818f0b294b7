"""A player: the tensors of one network, and the optimizer that changes them. Also one step of an optimizer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.game.network import Tensors


@dataclass
class Player:
    """Parameters, buffers and optimizer of one network.

    Parameters are leaf tensors that require gradients. Each step replaces the buffers. A network that is not trained
    has no optimizer, and all its tensors are buffers.
    """

    parameters: Tensors
    buffers: Tensors
    optimizer: torch.optim.Optimizer | None

    @property
    def tensors(self) -> Tensors:
        """Parameters and buffers by name."""
        return {**self.parameters, **self.buffers}


def descend(player: Player, gradients: Sequence[Tensor], buffers: Tensors) -> Tensor:
    """Make one optimizer step and replace the player's buffers.

    Args:
        gradients: one for each of the player's parameters, in their order.
        buffers: the player's buffers after the step.

    Returns:
        2-norm of all gradients, (1,).
    """
    assert player.optimizer is not None
    norm = global_norm(gradients).unsqueeze(0)
    step_along(player.optimizer, list(player.parameters.values()), gradients)
    player.buffers = buffers
    return norm


def step_along(optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """Make one step of an optimizer over `parameters` with these gradients. Afterwards, `.grad` is None."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = _with_layout_of(parameter, gradient)
    optimizer.step()
    for parameter in parameters:
        parameter.grad = None


def _with_layout_of(parameter: Tensor, gradient: Tensor) -> Tensor:
    """The gradient with the memory layout (strides) of the parameter.

    Double backward through a convolution can give a gradient with transposed strides. Fused Adam ignores strides, so it
    would update each number with the gradient of a different number.
    """
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter, requires_grad=False).copy_(gradient)


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """2-norm of all numbers in all `tensors`, a scalar; NaN or infinite if a number is NaN or infinite."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors))))
