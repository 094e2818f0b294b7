"""What stands before D: tricks that change images on their way in, packing, and classes as constant planes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

Side = Mapping[str, Any]
"""One minibatch on its way to D: "images" (B,C,H,W); "classes" one-hot (B,K) and "codes" (B,e) where z has them;
"draws" {trick: {name: tensor}}."""

Hook = Callable[..., Tensor]


@dataclass(frozen=True)
class Front:
    """The hooks of a run's tricks, by trick. `packs` images are stacked along channels; `planes` appends classes."""

    real: Sequence[tuple[str, Hook]] = ()
    view: Sequence[tuple[str, Hook]] = ()
    draws: Sequence[tuple[str, Callable[..., dict[str, np.ndarray]], bool]] = ()
    packs: int = 1
    planes: bool = False

    def seen(self, side: Side, progress: Tensor, *, real: bool) -> Tensor:
        """Images (B / packs, packs * C, H, W) as D sees them, without their classes."""
        x: Tensor = side["images"]
        for name, hook in self.real if real else ():
            x = hook(x, side["draws"].get(name, {}))
        for name, hook in self.view:
            x = hook(x, side["draws"].get(name, {}), progress)
        if self.packs > 1:
            x = x.reshape(x.shape[0] // self.packs, self.packs * x.shape[1], *x.shape[2:])
        return x

    def plain(self, images: Tensor, progress: Tensor, *, real: bool) -> Tensor:
        """As `seen` of images as they are: tricks that draw numbers (augmentation, noise, flips) are left out.

        Images that do not fill a pack are left out too.
        """
        random = {name for name, _, _ in self.draws}
        quiet = Front(
            [hook for hook in self.real if hook[0] not in random],
            [hook for hook in self.view if hook[0] not in random],
            packs=self.packs,
        )
        whole = images[: len(images) // self.packs * self.packs]
        return quiet.seen({"images": whole, "draws": {}}, progress, real=real)

    def with_classes(self, seen: Tensor, side: Side) -> Tensor:
        """D's input: what is seen, and a constant plane for each class where D gets them."""
        if not self.planes:
            return seen
        classes = side["classes"][:, :, None, None]
        return torch.cat((seen, classes.expand(*classes.shape[:2], *seen.shape[2:])), dim=1)

    def draw(
        self, rng: np.random.Generator, batch: int, shape: tuple[int, int, int]
    ) -> dict[str, dict[str, np.ndarray]]:
        """Random numbers of one pass of `batch` images of `shape`, by trick.

        A trick that acts on D's outputs gets one number for each of them, of which there are batch / packs.
        """
        return {name: draw(rng, batch // self.packs if outputs else batch, shape) for name, draw, outputs in self.draws}
