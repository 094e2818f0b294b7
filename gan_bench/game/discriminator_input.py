"""Makes the discriminator's input from images: applies tricks, packs images, and appends classes as constant planes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

Minibatch = Mapping[str, Any]
"""Real or generated images and what belongs to them: "images" (B,C,H,W); "draws" {trick: {name: tensor}}, the tricks'
random numbers; "classes" one-hot (B,K), if z has columns for a class. A generated minibatch also has "codes" (B,e), if
z has codes. A real minibatch with "classes" also has "labels" (B,). The real minibatch that `discriminator_round`
returns also has "z", the latents of this D step."""

Hook = Callable[..., Tensor]


@dataclass(frozen=True)
class DiscriminatorInput:
    """Transforms between images and the discriminator, in this order: `real`, `view`, packing, class planes.

    A hook is a function of a trick (see gan_bench/tricks), with the trick's settings already given.

    Attributes:
        real: (trick, hook) pairs that change real images only.
        view: (trick, hook) pairs that change real and generated images.
        draws: (trick, function, per_output) triples. The function draws the trick's random numbers: one row for each
            output of D if `per_output` is True, else one row for each image.
        packs: number of images that are stacked along channels and judged together.
        class_planes: whether D's input has the class as K constant planes after the image's channels.
    """

    real: Sequence[tuple[str, Hook]] = ()
    view: Sequence[tuple[str, Hook]] = ()
    draws: Sequence[tuple[str, Callable[..., dict[str, np.ndarray]], bool]] = ()
    packs: int = 1
    class_planes: bool = False

    def transform(self, minibatch: Minibatch, progress: Tensor, *, real: bool) -> Tensor:
        """Apply tricks and packing to a minibatch's images.

        Args:
            progress: share of the training that is done, a scalar.
            real: whether the images are real.

        Returns:
            (B / packs, packs * C, H, W), without class planes.
        """
        x: Tensor = minibatch["images"]
        for name, hook in self.real if real else ():
            x = hook(x, minibatch["draws"].get(name, {}))
        for name, hook in self.view:
            x = hook(x, minibatch["draws"].get(name, {}), progress)
        if self.packs > 1:
            x = x.reshape(x.shape[0] // self.packs, self.packs * x.shape[1], *x.shape[2:])
        return x

    def transform_without_random_tricks(self, images: Tensor, progress: Tensor, *, real: bool) -> Tensor:
        """Like `transform`, but without tricks that draw random numbers (augmentation, noise, flips).

        If the number of images is not a multiple of `packs`, the rest is dropped. Example: 11 images in packs of 4 give
        2 packs.
        """
        random = {name for name, _, _ in self.draws}
        deterministic = DiscriminatorInput(
            [hook for hook in self.real if hook[0] not in random],
            [hook for hook in self.view if hook[0] not in random],
            packs=self.packs,
        )
        complete = images[: len(images) // self.packs * self.packs]
        return deterministic.transform({"images": complete, "draws": {}}, progress, real=real)

    def with_class_planes(self, x: Tensor, minibatch: Minibatch) -> Tensor:
        """Append one constant plane for each class to transformed images x, if D reads classes; else return x."""
        if not self.class_planes:
            return x
        classes = minibatch["classes"][:, :, None, None]
        return torch.cat((x, classes.expand(*classes.shape[:2], *x.shape[2:])), dim=1)

    def draw(
        self, rng: np.random.Generator, batch: int, shape: tuple[int, int, int]
    ) -> dict[str, dict[str, np.ndarray]]:
        """The tricks' random numbers for `batch` images of `shape` (C, H, W): {trick: {name: array}}.

        A trick that changes the targets of D's outputs gets one row for each output: batch / packs rows.
        """
        return {
            name: draw(rng, batch // self.packs if per_output else batch, shape)
            for name, draw, per_output in self.draws
        }
