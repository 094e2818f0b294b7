"""Converts pictures to the input of networks trained on photographs. Real and generated pictures are treated alike."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def resized_rgb(images: np.ndarray, size: int) -> Tensor:
    """uint8 (N, 1 or 3, H, W) to float32 (N, 3, size, size) in [0, 255].

    Resizing is bicubic with antialiasing, as in Pillow, but without rounding to whole values. Nothing is cropped. The
    cubic kernel can give values below 0 or above 255; these are clipped. A grey picture becomes three equal channels.
    """
    pixels = torch.from_numpy(np.array(images, dtype=np.float32))
    if pixels.shape[2:] != (size, size):
        pixels = F.interpolate(pixels, (size, size), mode="bicubic", antialias=True, align_corners=False)
    return pixels.clamp_(0, 255).expand(-1, 3, -1, -1)
