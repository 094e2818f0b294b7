"""Replaces layers of a user's network by this package's layers.

The parameters of the new layers are drawn with the run's seed. The new layers have no step counter.
"""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _SpectralNorm

from gan_bench.errors import UserError
from gan_bench.models._blocks import BatchNorm
from gan_bench.models._spectral import Spectral


class Embedding(nn.Embedding):
    """nn.Embedding whose weights are drawn from a NumPy generator as N(0, 1), PyTorch's default."""

    def initialise(self, rng: object) -> None:
        import numpy as np
        import torch

        assert isinstance(rng, np.random.Generator)
        with torch.no_grad():
            self.weight.copy_(torch.as_tensor(rng.standard_normal(tuple(self.weight.shape))))


def ready(network: nn.Module) -> nn.Module:
    """Replace, in place, batch norm, spectral norm and embeddings of the network by layers of this package.

    Batch norm without parameters or without running statistics is kept. Any other batch norm is replaced by one that
    computes the same values but has no step counter. If the momentum was None (a plain average over all steps), it
    becomes 0.1. A layer with spectral norm becomes a Spectral layer. A layer that the network holds under several names
    is replaced by the same new layer under each name.

    Raises:
        UserError: a layer with spectral norm has a type that Spectral does not support.
    """
    new_layers: dict[nn.Module, nn.Module] = {}
    for parent in list(network.modules()):
        for key, layer in list(parent._modules.items()):  # named_children() leaves out the second name of a layer
            if layer is None:
                continue
            if layer not in new_layers:
                new_layers[layer] = _ready_layer(key, layer)
            parent._modules[key] = new_layers[layer]
    return network


def _ready_layer(name: str, layer: nn.Module) -> nn.Module:
    """The layer that takes the place of `layer`: a new layer, or `layer` itself."""
    if _has_spectral_norm(layer):
        return _spectral(name, layer)
    if isinstance(layer, _BatchNorm) and layer.affine and layer.track_running_stats:
        return _batch_norm(layer)
    if type(layer) is nn.Embedding:
        layer.__class__ = Embedding
    return layer


def _has_spectral_norm(layer: nn.Module) -> bool:
    """Whether `layer` has spectral norm, by either of PyTorch's two functions. Other parametrizations do not count."""
    if hasattr(layer, "weight_u"):
        return True
    if not parametrize.is_parametrized(layer, "weight"):
        return False
    parts = layer.get_submodule("parametrizations.weight").children()
    return any(isinstance(part, _SpectralNorm) for part in parts)


def _spectral(name: str, layer: nn.Module) -> Spectral:
    plain = isinstance(layer, nn.Conv2d) and (layer.groups, layer.dilation, layer.padding_mode) == (1, (1, 1), "zeros")
    if not (plain or isinstance(layer, nn.Linear)):
        kind = type(layer).__name__.removeprefix("Parametrized")
        raise UserError(f"layer {name!r}: spectral norm of {kind} is not supported; valid: Linear, plain Conv2d.")
    assert isinstance(layer, nn.Conv2d | nn.Linear)
    return Spectral(layer)


def _batch_norm(layer: _BatchNorm) -> BatchNorm:
    import torch

    norm = BatchNorm(layer.num_features, layer.eps, 0.1 if layer.momentum is None else layer.momentum)
    with torch.no_grad():
        norm.weight.zero_()
    return norm
