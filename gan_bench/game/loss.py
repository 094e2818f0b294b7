"""A run's loss with its settings bound, its state if it has one, and what D is asked to say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

#: Names of a loss's state among D's buffers begin with this.
STATE = "loss."


@dataclass(frozen=True)
class BoundLoss:
    """discriminator(real, fake) -> (real half, fake half) and generator(real or None, fake) -> scalar, of logits."""

    discriminator: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    generator: Callable[[Tensor | None, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """A loss component with its settings; `initial` is its state before the first step, empty for most."""

    module: ModuleType
    settings: Mapping[str, Any]
    initial: Mapping[str, float]

    def at(self, buffers: Mapping[str, Tensor]) -> BoundLoss:
        """The two objectives at the state that stands among D's buffers."""
        known: dict[str, Any] = {"settings": self.settings}
        if self.initial:
            known["state"] = self._state(buffers)
        return BoundLoss(partial(self.module.discriminator, **known), partial(self.module.generator, **known))

    def buffers(self) -> dict[str, Tensor]:
        """The initial state as D's buffers."""
        return {STATE + name: torch.tensor(float(value)) for name, value in self.initial.items()}

    def updated(self, buffers: Mapping[str, Tensor], real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """The state after a D step with these logits, as D's buffers."""
        if not self.initial:
            return {}
        new = self.module.update(self._state(buffers), real.detach(), fake.detach(), self.settings)
        return {STATE + name: new[name].detach() for name in self.initial}

    def _state(self, buffers: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: buffers[STATE + name] for name in self.initial}


def told_apart(real: Tensor, fake: Tensor, threshold: float | None) -> tuple[Tensor, Tensor]:
    """Which of the logits (B,) are on the right side of the threshold, bool: real images above it, generated ones not.

    None is the midpoint between the two means. A number that is not one is on the wrong side for a real image.
    """
    at = (real.mean() + fake.mean()) / 2 if threshold is None else threshold
    return real > at, fake <= at


def towards(loss: BoundLoss, real: Tensor, fake: Tensor, t_real: Tensor, t_fake: Tensor) -> tuple[Tensor, Tensor]:
    """D's two halves where it is asked to say t (B,) in place of 1 for real and 0 for generated images.

    Per image t * l_real + (1 - t) * l_fake: cross-entropy with target t, and, up to a constant, the squared distance
    from the code t * b + (1 - t) * a. The loss must be separable: a mean of terms of single images.
    """

    def terms(logit: Tensor) -> tuple[Tensor, Tensor]:
        return loss.discriminator(logit[None], logit[None])

    (real_as_real, real_as_fake), (fake_as_real, fake_as_fake) = torch.vmap(terms)(real), torch.vmap(terms)(fake)
    return (
        (t_real * real_as_real + (1 - t_real) * real_as_fake).mean(),
        (t_fake * fake_as_real + (1 - t_fake) * fake_as_fake).mean(),
    )
