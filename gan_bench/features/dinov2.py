"""DINOv2 vision transformer, trained without labels: features that follow people's judgement of photographs.

Features are the normalised class token: 384 numbers of ViT-S/14, 768 of ViT-B/14. Pictures are resized to 224 px by the
rule of all pretrained extractors, not cropped. Position embeddings, learnt for 518 px, are interpolated to 224 by timm.
"""

from typing import Any

import numpy as np
from torch import Tensor

from gan_bench.features import Features
from gan_bench.features._timm import extract_timm, fit_timm

FACTS = {
    "paper": "Oquab et al. 2023, DINOv2, arXiv:2304.07193; as features of metrics: Stein et al. 2023, arXiv:2306.04675",
    "settings": {
        "size": {"type": "str", "default": "small", "choices": ["small", "base"], "help": "ViT-S/14 or ViT-B/14"},
        "weights": {
            "type": "path",
            "help": "path of dinov2_vits14_pretrain.pth or dinov2_vitb14_pretrain.pth, or as .safetensors",
        },
        "sha256": {
            "type": "str",
            "default": None,
            "nullable": True,
            "help": "SHA-256 that the weights file must have; null = any, and the report states it",
        },
    },
    "deviations": ["Stein et al. take ViT-L/14 and round resized pixels to whole values"],
    "needs_labels": False,
    "fitted": False,
    "probabilities": False,
    "channels": [1, 3],
    "needs_file": "the network's weights from a path, and timm",
}

MODELS = {"small": "vit_small_patch14_dinov2", "base": "vit_base_patch14_dinov2"}


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Nothing is learnt: the weights are read and checked. UserError says what is missing."""
    return fit_timm("dinov2", data, settings, MODELS[settings["size"]], num_classes=0)


def extract(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 32) -> Features:
    """Features (N, 384 or 768) float32 of uint8 images (N, 1 or 3, H, W)."""
    return extract_timm("dinov2", weights, images, batch_size, MODELS[settings["size"]], num_classes=0)
