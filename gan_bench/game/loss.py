"""A run's loss component with its settings and state; D's correct classifications; D's loss with soft targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

#: D's buffers also store the state of the loss. The names of these buffers begin with STATE.
STATE = "loss."


@dataclass(frozen=True)
class BoundLoss:
    """The two objectives of a loss component. `arguments`: the component's settings and state, as keyword arguments."""

    module: ModuleType
    arguments: Mapping[str, Any]

    def discriminator(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """D's loss for logits (B,), as two scalars: on real and on generated images (see gan_bench/losses)."""
        return self.module.discriminator(real, fake, **self.arguments)

    def generator(self, real: Tensor | None, fake: Tensor) -> Tensor:
        """G's loss for logits (B,), a scalar. `real` is None unless G's loss also reads logits of real images."""
        return self.module.generator(real, fake, **self.arguments)


@dataclass(frozen=True)
class Loss:
    """A loss component with its settings; `initial` is its state before the first step, empty for most losses."""

    module: ModuleType
    settings: Mapping[str, Any]
    initial: Mapping[str, float]

    def at(self, buffers: Mapping[str, Tensor]) -> BoundLoss:
        """The two objectives with the state that is stored in D's buffers."""
        arguments: dict[str, Any] = {"settings": self.settings}
        if self.initial:
            arguments["state"] = self._state(buffers)
        return BoundLoss(self.module, arguments)

    def buffers(self) -> dict[str, Tensor]:
        """The initial state as buffers of D."""
        return {STATE + name: torch.tensor(float(value)) for name, value in self.initial.items()}

    def updated(self, buffers: Mapping[str, Tensor], real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """The state after a D step with logits (B,) `real` and `fake`, as buffers of D."""
        if not self.initial:
            return {}
        new = self.module.update(self._state(buffers), real.detach(), fake.detach(), self.settings)
        return {STATE + name: new[name].detach() for name in self.initial}

    def _state(self, buffers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: buffers[STATE + name] for name in self.initial}


def correctly_classified(real: Tensor, fake: Tensor, threshold: float | None) -> tuple[Tensor, Tensor]:
    """Whether each logit is on the correct side of the threshold: two bool tensors (B,), real and generated.

    Real images must be above the threshold, generated images at or below it. NaN counts as wrong.

    Args:
        threshold: a logit. None for the midpoint between the mean of `real` and the mean of `fake`.
    """
    limit = (real.mean() + fake.mean()) / 2 if threshold is None else threshold
    return real > limit, fake <= limit


def with_soft_targets(
    loss: BoundLoss, real: Tensor, fake: Tensor, target_real: Tensor, target_fake: Tensor
) -> tuple[Tensor, Tensor]:
    """D's loss with targets t (B,) in place of 1 for real and 0 for generated images, as two scalars.

    The loss of an image is t * l_real + (1 - t) * l_fake, where l_real and l_fake are its losses as a real and as a
    generated image. For a cross-entropy loss this is cross-entropy with target t. For a least-squares loss with the
    codes a (generated) and b (real) it is, up to a constant, the squared distance from t * b + (1 - t) * a. The loss
    must be separable: a mean of terms that each depend on a single image.
    """

    def terms(logit: Tensor) -> tuple[Tensor, Tensor]:
        return loss.discriminator(logit[None], logit[None])

    (real_as_real, real_as_fake), (fake_as_real, fake_as_fake) = torch.vmap(terms)(real), torch.vmap(terms)(fake)
    return (
        (target_real * real_as_real + (1 - target_real) * real_as_fake).mean(),
        (target_fake * fake_as_real + (1 - target_fake) * fake_as_fake).mean(),
    )
