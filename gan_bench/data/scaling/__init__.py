"""Converts stored pixels to the input of networks and back, by fixed constants that do not depend on the picture.

This module has its own folder, because each file of gan_bench/data without a leading underscore is a data set.
"""

from typing import Any

import numpy as np

HALF_RANGE = 127.5


def to_unit(images: Any) -> Any:
    """uint8 pixels of any shape to float32 in [-1, 1]: x = (v - 127.5) / 127.5. float32 points are not changed.

    Takes a torch tensor or a NumPy array and returns the same kind, on the same device.
    Raises TypeError for any other data type.
    """
    if _is_tensor(images):
        import torch

        if images.dtype == torch.float32:
            return images
        if images.dtype != torch.uint8:
            raise TypeError(f"to_unit takes uint8 pixels, not {images.dtype}")
        return (images.to(torch.float32) - HALF_RANGE) / HALF_RANGE
    images = np.asarray(images)
    if images.dtype == np.float32:
        return images
    if images.dtype != np.uint8:
        raise TypeError(f"to_unit takes uint8 pixels, not {images.dtype}")
    return (images.astype(np.float32) - np.float32(HALF_RANGE)) / np.float32(HALF_RANGE)


def to_uint8(values: Any) -> Any:
    """Floats of any shape to uint8 pixels: round(x * 127.5 + 127.5), halves rounded to even, clipped to 0..255.

    The inverse of `to_unit` for all 256 values. Takes a torch tensor or a NumPy array and returns the same kind.
    Raises TypeError for integers, ValueError for NaN or infinity.
    """
    if _is_tensor(values):
        import torch

        if not values.is_floating_point():
            raise TypeError(f"to_uint8 takes floats, not {values.dtype}")
        if not bool(torch.isfinite(values).all()):
            raise ValueError("to_uint8: the values are not all finite")
        wide = values.to(torch.promote_types(values.dtype, torch.float32))
        return (wide * HALF_RANGE + HALF_RANGE).round().clamp(0, 255).to(torch.uint8)
    values = np.asarray(values)
    if not np.issubdtype(values.dtype, np.floating):
        raise TypeError(f"to_uint8 takes floats, not {values.dtype}")
    if not np.isfinite(values).all():
        raise ValueError("to_uint8: the values are not all finite")
    wide = values.astype(np.promote_types(values.dtype, np.float32))
    return np.clip(np.rint(wide * HALF_RANGE + HALF_RANGE), 0, 255).astype(np.uint8)


def _is_tensor(value: Any) -> bool:
    """Whether `value` is a torch tensor. torch is not imported if `value` is an array."""
    return any(kind.__module__.split(".")[0] == "torch" for kind in type(value).__mro__)
