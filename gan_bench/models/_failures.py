"""Collects the errors and the wrong outputs in trials of a user's network, and writes one error message about them."""

import contextlib
import io
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_bench.errors import UserError

if TYPE_CHECKING:
    from gan_bench.models._classes import Adapted


class Failures:
    """The failed trials of one network, and the error message about them (`sentence`).

    The message states the returned output that differs least from the expected one. If no trial returned an output, the
    message states the first error instead.

    what: the network, as the message names it. expected: what it should return. images: the shape of the images that a
    generator should return; None for a discriminator. output: the network's output in the trial that succeeded.
    """

    def __init__(self, what: str, expected: str, images: tuple[int, int, int] | None = None) -> None:
        self.what, self.expected, self.images, self.output = what, expected, images, torch.empty(0)
        self.errors, self.returned = list[Exception](), list[object]()

    def add(self, error: Exception) -> None:
        self.errors.append(error)

    def fits(self, network: "Adapted", x: Tensor, numbers: int) -> bool:
        """Whether the network returns `numbers` numbers for each row of x. If so, `self.output` becomes its output."""
        try:
            with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
                output: object = network.eval().call(x)
        except Exception as error:
            self.add(error)
            return False
        if not isinstance(output, Tensor) or output.numel() != len(x) * numbers or len(output) != len(x):
            self.returned.append(output)
            return False
        self.output = output
        return True

    def sentence(self) -> UserError:
        refused = [error for error in self.errors if isinstance(error, UserError)]
        if refused and not self.returned:
            return UserError(f"{self.what}: {refused[0]}")
        if self.returned:
            output, differences = min(
                ((output, self._differences(output)) for output in self.returned), key=lambda pair: len(pair[1])
            )
            reason = f"it returns {shape_of(output)}" + (f" ({' and '.join(differences)})" if differences else "")
        else:
            reason = f"it raises {type(self.errors[0]).__name__}: {str(self.errors[0]).partition(chr(10))[0]}"
        return UserError(
            f"{self.what}: expected {self.expected}; {reason}. Choose data of its size, or give the class arguments "
            "for size and channels with names that docs/own_gan.md lists, such as img_size and channels."
        )

    def _differences(self, output: object) -> list[str]:
        """How returned images differ from the expected ones. Empty if no images are expected, or none are returned."""
        if self.images is None or not isinstance(output, Tensor) or output.dim() != 4:
            return []
        (channels, size, _), (own_channels, own_size, _) = self.images, output.shape[1:]
        parts = [f"{own_channels} channels instead of {channels}"] if own_channels != channels else []
        return [*parts, f"{own_size} px instead of {size} px"] if own_size != size else parts


def shape_of(output: object) -> str:
    """The shape of a tensor with "B" for the minibatch, or the type of another object."""
    if not isinstance(output, Tensor) or not output.dim():
        return type(output).__name__
    return f"({', '.join(['B', *map(str, output.shape[1:])])})"
