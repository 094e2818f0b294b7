"""Changes to a row of layers, made under torch.device("meta") by models._blocks.rebuilt."""

from collections.abc import Callable

from torch import nn

from gan_bench.errors import UserError


def head_index(row: list[nn.Module]) -> int:
    """Place of the last linear layer, which gives the logit. UserError where there is none."""
    found = [i for i, layer in enumerate(row) if isinstance(layer, nn.Linear)]
    if not found:
        raise UserError("the discriminator's last layers hold no linear layer, which a trick of this run needs.")
    return found[-1]


def widen_head(row: list[nn.Module], outputs: int) -> list[nn.Module]:
    """The row whose head gives (B, outputs) in place of (B,): what came after the head is dropped."""
    at = head_index(row)
    head = row[at]
    assert isinstance(head, nn.Linear)
    return [*row[:at], nn.Linear(head.in_features, outputs, bias=head.bias is not None)]


Replace = Callable[[nn.Module], list[nn.Module] | None]


def replaced(row: list[nn.Module], change: Replace, what: str) -> list[nn.Module]:
    """The row with every layer for which `change` gives a list replaced by that list.

    UserError where no layer was: `what` says which layers there are none of ("strided convolution").
    """
    changes = [change(layer) for layer in row]
    if all(new is None for new in changes):
        raise UserError(f"the network has no {what}, which a trick of this run changes; take the trick out.")
    return [part for layer, new in zip(row, changes, strict=True) for part in ([layer] if new is None else new)]


def before_head(row: list[nn.Module], layer: nn.Module, more: int = 0) -> list[nn.Module]:
    """The row with `layer` before D's head, whose inputs grow by `more`."""
    at = head_index(row)
    head = row[at]
    assert isinstance(head, nn.Linear)
    wider = nn.Linear(head.in_features + more, head.out_features, bias=head.bias is not None)
    return [*row[:at], layer, wider, *row[at + 1 :]]


def head_inputs(row: list[nn.Module]) -> int:
    """Numbers that D's head takes for each image."""
    head = row[head_index(row)]
    assert isinstance(head, nn.Linear)
    return head.in_features
