"""Everything of one network that training changes, and one step of its optimizer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_bench.game.network import Tensors


@dataclass
class Player:
    """The parameters are leaves that require gradients; the buffers are replaced by those of the last step.

    A network that is not trained has no optimizer, and all its tensors are buffers.
    """

    parameters: Tensors
    buffers: Tensors
    optimizer: torch.optim.Optimizer | None

    @property
    def tensors(self) -> Tensors:
        """Parameters and buffers by name."""
        return {**self.parameters, **self.buffers}


def descend(player: Player, gradients: Sequence[Tensor], buffers: Tensors) -> Tensor:
    """One step of the player's optimizer along `gradients`, in the order of its parameters; `buffers` become its own.

    Returns the gradients' 2-norm, (1,).
    """
    assert player.optimizer is not None
    norm = global_norm(gradients).unsqueeze(0)
    step_along(player.optimizer, list(player.parameters.values()), gradients)
    player.buffers = buffers
    return norm


def step_along(optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """One step of an optimizer over `parameters` along their gradients, which are not kept."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = _laid_out_as(parameter, gradient)
    optimizer.step()
    for parameter in parameters:
        parameter.grad = None


def _laid_out_as(parameter: Tensor, gradient: Tensor) -> Tensor:
    """The gradient with its numbers in memory in the parameter's order.

    Double backward through a convolution gives a transposed one, and fused Adam walks over memory without looking at
    strides: it would update each number by the gradient of another.
    """
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter, requires_grad=False).copy_(gradient)


def global_norm(tensors: Sequence[Tensor]) -> Tensor:
    """2-norm of all numbers in `tensors` together, a scalar; not finite where one of them is not."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors))))
