"""Mixed minibatches: D gets real and generated images in one batch, so that they share batch norm's moments."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

FACTS: dict[str, Any] = {
    "paper": "Radford et al. 2016 (arXiv:1511.06434) use batch norm in D; the advice against mixing: Chintala et al. "
    "2016, How to Train a GAN?, item 4 ('construct different mini-batches for real and fake')",
    "settings": {},
    "deviations": [
        "In G's step D gets only generated images, unless G's loss also reads real images.",
    ],
}


def judge(
    d: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, settings: Mapping[str, Any]
) -> tuple[Tensor, Tensor]:
    """Call D once on the two joined minibatches (B, C, H, W). Returns the outputs for real and for generated images."""
    outputs = d(torch.cat((real, fake)))
    return outputs[: real.shape[0]], outputs[real.shape[0] :]
