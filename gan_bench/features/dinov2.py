"""DINOv2 vision transformer, trained on photographs without labels.

Features are the class token after layer normalisation: 384 numbers for ViT-S/14, 768 for ViT-B/14, 1,024 for ViT-L/14.
Pictures are resized to 224 px (see `_pictures.resized_rgb`) and not cropped. The position embeddings were learnt for
518 px. They are interpolated to 224 px as in the authors' code.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from gan_bench.features import Features
from gan_bench.features._timm import SIDE, extract_timm, fit_timm

FACTS = {
    "paper": "Oquab et al. 2023, DINOv2, arXiv:2304.07193; as features of metrics: Stein et al. 2023, arXiv:2306.04675",
    "settings": {
        "size": {
            "type": "str",
            "default": "small",
            "choices": ["small", "base", "large"],
            "help": "ViT-S/14, B/14 or L/14",
        },
        "weights": {
            "type": "path",
            "help": "path of dinov2_vits14_pretrain.pth (or vitb14, vitl14), or of a .safetensors file made from it",
        },
        "sha256": {
            "type": "str",
            "default": None,
            "nullable": True,
            "help": "SHA-256 that the weights file must have; null: a .pth file must have Meta's, a .safetensors any",
        },
    },
    "deviations": ["ViT-S/14 unless `size` says otherwise; Stein et al. take ViT-L/14"],
    "needs_labels": False,
    "fitted": False,
    "probabilities": False,
    "channels": [1, 3],
    "needs_file": "the network's weights from a path, and timm",
}

MODELS = {
    "small": "vit_small_patch14_dinov2",
    "base": "vit_base_patch14_dinov2",
    "large": "vit_large_patch14_dinov2",
}
#: SHA-256 of Meta's files dinov2_vits14_pretrain.pth, dinov2_vitb14_pretrain.pth and dinov2_vitl14_pretrain.pth. Meta
#: publishes no SHA-256. The values are those that public projects use to pin these files.
PUBLISHED = {
    "small": "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
    "base": "0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73",
    "large": "d5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428",
}
PATCH = 14


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read and check the weights. Nothing is learnt from the data. UserError says what is missing or wrong."""
    size = settings["size"]
    return fit_timm("dinov2", data, settings, MODELS[size], PUBLISHED[size], with_positions, num_classes=0)


def with_positions(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors, with position embeddings for pictures of SIDE pixels, which have 16 patches along each side.

    As in Meta's code, the embeddings are interpolated without antialiasing. The scale factor is 16.1 / s, where s is
    the number of patches along a side in the pictures for which the embeddings were learnt.
    """
    positions, side = tensors.get("pos_embed"), SIDE // PATCH
    if positions is None or positions.shape[1] == side**2 + 1:
        return tensors
    learnt = round((positions.shape[1] - 1) ** 0.5)
    grid = positions[:, 1:].reshape(1, learnt, learnt, -1).permute(0, 3, 1, 2)
    scale = (side + 0.1) / learnt
    resized = interpolate(grid, scale_factor=(scale, scale), mode="bicubic").permute(0, 2, 3, 1).flatten(1, 2)
    return {**tensors, "pos_embed": torch.cat([positions[:, :1], resized], dim=1)}


def extract(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 32) -> Features:
    """Features (N, D) float32 of uint8 images (N, 1 or 3, H, W); D is 384, 768 or 1,024."""
    return extract_timm("dinov2", weights, images, batch_size, MODELS[settings["size"]], num_classes=0)
