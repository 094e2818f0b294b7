"""CLIP's image network ViT-B/32, trained on pairs of pictures and captions.

Features are the 512 numbers of the joint embedding. They are not normalised; the metric `cmmd` divides each vector by
its Euclidean norm. Pictures are resized to 224 px (see `_pictures.resized_rgb`) and not cropped.
"""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.features import Features
from gan_bench.features._timm import extract_timm, fit_timm

FACTS = {
    "paper": "Radford et al. 2021, CLIP, arXiv:2103.00020; as features of metrics: Jayasumana et al. 2024, "
    "arXiv:2401.09603",
    "settings": {
        "weights": {
            "type": "path",
            "help": "path of timm's vit_base_patch32_clip_224.openai, as .safetensors or .pth",
        },
        "sha256": {
            "type": "str",
            "default": None,
            "nullable": True,
            "help": "SHA-256 that the weights file must have; null = any, and the report states it",
        },
    },
    "deviations": [
        "Jayasumana et al. take ViT-L/14 at 336 px",
        "CLIP crops the middle square; here nothing is cropped",
    ],
    "needs_labels": False,
    "fitted": False,
    "probabilities": False,
    "channels": [1, 3],
    "needs_file": "the network's weights from a path, and timm",
}

MODEL, DIM = "vit_base_patch32_clip_quickgelu_224", 512


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read and check the weights. Nothing is learnt from the data. UserError says what is missing or wrong."""
    return fit_timm("clip", data, settings, MODEL, num_classes=DIM)


def extract(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 32) -> Features:
    """Features (N, 512) float32 of uint8 images (N, 1 or 3, H, W)."""
    return extract_timm("clip", weights, images, batch_size, MODEL, num_classes=DIM)
