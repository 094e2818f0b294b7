"""Initial parameters, drawn from a NumPy generator in a fixed order, so that a seed determines every bit.

A network's attribute `init_scheme` is the name of its initial distribution in `SCHEMES`. Layers are filled in the order
in which the module has them; in each layer, the weight comes before the bias.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.errors import UserError, unknown_name
from gan_bench.models._blocks import BatchNorm
from gan_bench.models._spectral import Spectral

Draw = Callable[[nn.Module, np.random.Generator], None]

#: Types of layers whose weight is a matrix or a kernel.
LINEAR_LAYERS = (
    *(nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    Spectral,
)
#: Types of layers whose weight has a gain for each channel.
NORM_LAYERS = (BatchNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm, nn.LayerNorm)


def initialise(module: nn.Module, rng: np.random.Generator) -> None:
    """Fill all parameters of `module` in place, float32, by its `init_scheme` (default "uniform_fan_in").

    A layer with a method `initialise(rng)` is filled by that method.

    Raises:
        UserError: the scheme is unknown, or a layer with parameters has no such method and its type is neither in
            LINEAR_LAYERS nor in NORM_LAYERS.
    """
    scheme = getattr(module, "init_scheme", "uniform_fan_in")
    if scheme not in SCHEMES:
        raise UserError(unknown_name("init_scheme", scheme, list(SCHEMES)))
    for name, layer in module.named_modules():
        own_rule = getattr(layer, "initialise", None)
        if own_rule is not None:
            own_rule(rng)
            continue
        if next(layer.parameters(recurse=False), None) is None:
            continue
        if not isinstance(layer, LINEAR_LAYERS + NORM_LAYERS):
            raise UserError(
                f"layer {name!r} has the type {type(layer).__name__}, which has no initialisation rule; "
                f"use {', '.join(kind.__name__ for kind in LINEAR_LAYERS + NORM_LAYERS)}."
            )
        SCHEMES[scheme](layer, rng)
        if isinstance(layer, Spectral):
            layer.start(rng)


def uniform_fan_in(layer: nn.Module, rng: np.random.Generator) -> None:
    """PyTorch's default: weight and bias U(-1/sqrt(n), 1/sqrt(n)) for units with n inputs; gain 1, shift 0.

    PyTorch derives this distribution from He et al. 2015 (arXiv:1502.01852) with negative slope sqrt(5). As in PyTorch,
    n of a transposed convolution is its number of output channels times the size of its kernel.
    """
    weight, bias = _parameters(layer)
    if isinstance(layer, NORM_LAYERS):
        _fill(weight, 1.0)
        _fill(bias, 0.0)
        return
    assert weight is not None
    bound = 1.0 / weight[0].numel() ** 0.5
    for parameter in (weight, bias):
        if parameter is not None:
            _fill(parameter, rng.uniform(-bound, bound, tuple(parameter.shape)))


def normal_001(layer: nn.Module, rng: np.random.Generator) -> None:
    """Weights N(0, 0.01^2), biases 0, gains 1, shifts 0: as in the sunflower experiment."""
    weight, bias = _parameters(layer)
    if weight is not None:
        _fill(weight, 1.0 if isinstance(layer, NORM_LAYERS) else rng.normal(0.0, 0.01, tuple(weight.shape)))
    _fill(bias, 0.0)


def normal_002(layer: nn.Module, rng: np.random.Generator) -> None:
    """Radford et al. 2016 (arXiv:1511.06434), section 4: weights N(0, 0.02^2); gains N(1, 0.02^2); biases 0.

    The distribution of the gains is from the authors' code (Newmu/dcgan_code).
    """
    weight, bias = _parameters(layer)
    if weight is not None:
        centre = 1.0 if isinstance(layer, NORM_LAYERS) else 0.0
        _fill(weight, rng.normal(centre, 0.02, tuple(weight.shape)))
    _fill(bias, 0.0)


SCHEMES: dict[str, Draw] = {
    "uniform_fan_in": uniform_fan_in,
    "normal_001": normal_001,
    "normal_002": normal_002,
}


def _parameters(layer: nn.Module) -> tuple[Tensor | None, Tensor | None]:
    return getattr(layer, "weight", None), getattr(layer, "bias", None)


def _fill(parameter: Tensor | None, values: np.ndarray | float) -> None:
    if parameter is not None:
        with torch.no_grad():
            parameter.copy_(torch.as_tensor(values))
