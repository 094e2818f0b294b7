"""Hidden units of a generator, which are the inputs of its layers; and images made with some units set to zero."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from gan_bench.errors import UserError
from gan_bench.explore.subject import BATCH, Subject

#: Types of modules that mix units. The input of such a module is called a hidden layer, unless the input is z.
MIXING = (nn.Linear, _ConvNd)


def hidden_layers(subject: Subject) -> list[nn.Module]:
    """The modules whose inputs are the hidden layers, in the reverse order of the forward pass.

    The first module in the list makes the image, so its input is the last hidden layer. The module that reads z is not
    in the list.
    """
    module = subject.generate.program.networks["generator"].module
    called: list[nn.Module] = []
    with _hooks(
        [m for m in module.modules() if isinstance(m, MIXING)],
        lambda m: m.register_forward_pre_hook(lambda layer, _: called.append(layer) if layer not in called else None),
    ):
        subject.images(subject.draw(1))
    return called[:0:-1]


def layer_at(subject: Subject, number: int) -> nn.Module:
    """The module whose input is hidden layer `number`; 1 is the last hidden layer. UserError if there is none."""
    layers = hidden_layers(subject)
    if not 1 <= number <= len(layers):
        valid = f"1 to {len(layers)}" if layers else "none, this generator has no hidden layer"
        raise UserError(f"--layer is {number}; valid: {valid}.")
    return layers[number - 1]


def activations(subject: Subject, layer: nn.Module, z: np.ndarray) -> np.ndarray:
    """(n, units) float64: each input unit of `layer` for latents `z` (n, d), as a mean over all positions."""
    rows: list[np.ndarray] = []

    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        rows.append(
            inputs[0].flatten(2).mean(dim=2).double().numpy() if inputs[0].ndim > 2 else inputs[0].double().numpy()
        )

    with _hooks([layer], lambda m: m.register_forward_pre_hook(keep)):
        for start in range(0, len(z), BATCH):
            before = len(rows)
            subject.images(z[start : start + BATCH])
            # If the layer is called several times in a forward pass, only its first input is kept.
            del rows[before + 1 :]
    return np.concatenate(rows)


def images_without(subject: Subject, layer: nn.Module, units: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Images of latents `z` (n, d), made with the input units `units` of `layer` set to zero at every position."""

    def drop(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        kept = torch.ones(inputs[0].shape[1])
        kept[torch.from_numpy(np.asarray(units, np.int64))] = 0.0
        return (inputs[0] * kept.reshape(-1, *[1] * (inputs[0].ndim - 2)), *inputs[1:])

    with _hooks([layer], lambda m: m.register_forward_pre_hook(drop)):
        return subject.images(z)


@contextmanager
def _hooks(modules: list[nn.Module], attach: Callable[[nn.Module], Any]) -> Iterator[None]:
    handles = [attach(module) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
