"""Functions that change the list of a network's layers. `models._blocks.rebuilt` calls them on the meta device."""

from collections.abc import Callable

from torch import nn

from gan_bench.errors import UserError


def head_index(layers: list[nn.Module]) -> int:
    """Index of the last linear layer, which outputs the logit. UserError if there is none."""
    linear = [i for i, layer in enumerate(layers) if isinstance(layer, nn.Linear)]
    if not linear:
        raise UserError("the discriminator has no linear layer at its end, which a trick of this run needs.")
    return linear[-1]


def widen_head(layers: list[nn.Module], outputs: int) -> list[nn.Module]:
    """The layers with a new head: a linear layer with `outputs` outputs. Layers after the head are removed."""
    at = head_index(layers)
    head = layers[at]
    assert isinstance(head, nn.Linear)
    return [*layers[:at], nn.Linear(head.in_features, outputs, bias=head.bias is not None)]


Replace = Callable[[nn.Module], list[nn.Module] | None]


def replaced(layers: list[nn.Module], change: Replace, what: str) -> list[nn.Module]:
    """Replace each layer by the list that `change` returns for it, or keep the layer if `change` returns None.

    Args:
        what: the kind of layer that `change` replaces, for the error message ("strided convolution").

    Raises:
        UserError: no layer was replaced.
    """
    changes = [change(layer) for layer in layers]
    if all(new is None for new in changes):
        raise UserError(f"the network has no {what}, which a trick of this run replaces; take the trick out.")
    return [part for layer, new in zip(layers, changes, strict=True) for part in ([layer] if new is None else new)]


def before_head(layers: list[nn.Module], layer: nn.Module, more: int = 0) -> list[nn.Module]:
    """Insert `layer` before D's head (last linear layer); the head gets `more` additional inputs."""
    at = head_index(layers)
    head = layers[at]
    assert isinstance(head, nn.Linear)
    wider = nn.Linear(head.in_features + more, head.out_features, bias=head.bias is not None)
    return [*layers[:at], layer, wider, *layers[at + 1 :]]


def head_inputs(layers: list[nn.Module]) -> int:
    """Number of inputs of D's head."""
    head = layers[head_index(layers)]
    assert isinstance(head, nn.Linear)
    return head.in_features
