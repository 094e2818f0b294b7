"""Sprites: compact sheets of a run's samples over training. The page scales the images and draws gaps between them."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from gan_bench.report.pictures import data_address
from gan_bench.stats.collect.real_images import PADDING, TILE

#: A row has at most COUNT images, and the sheet is a PNG. If a side of the images has more than LARGE pixels, a row has
#: at most COUNT_LARGE images, and the sheet is a JPEG.
COUNT, LARGE, COUNT_LARGE = 16, 40, 8
QUALITY = 85


def sprite(content: bytes, shape: tuple[int, int, int]) -> dict[str, Any] | None:
    """A sheet with one row of images per frame of a picture; None if the picture is not a grid of images.

    Args:
        content: samples.png, progress.gif or a picture of real images: a square grid with gaps.
        shape: (C, H, W) of an image; the picture shows each image enlarged by an integer factor.

    Returns:
        "src": data URL; "n": images in a row; "frames": number of rows; "w", "h": size of one image in pixels.
    """
    _, height, width = shape
    frames = []
    with Image.open(io.BytesIO(content)) as picture:
        for frame in ImageSequence.Iterator(picture):
            tiles = _tiles(np.asarray(frame.convert("RGB")), height, width)
            if tiles is None:
                return None
            frames.append(np.concatenate(list(tiles), axis=1))
    sheet = np.concatenate(frames, axis=0)
    stream = io.BytesIO()
    if max(height, width) > LARGE:
        Image.fromarray(sheet).save(stream, "JPEG", quality=QUALITY)
    else:
        grey = (sheet[..., :1] == sheet).all()
        Image.fromarray(sheet[..., 0] if grey else sheet).save(stream, "PNG")
    kind = "image/jpeg" if max(height, width) > LARGE else "image/png"
    count = sheet.shape[1] // width
    return {"src": data_address(stream.getvalue(), kind), "n": count, "frames": len(frames), "w": width, "h": height}


def _tiles(pixels: np.ndarray, height: int, width: int) -> np.ndarray | None:
    """(n, H, W, 3): the first n images of a grid, in their original size; None if the picture is not such a grid."""
    full = pixels.shape[1] - PADDING
    for side in (4, 8, *range(1, 33)):
        step = full // side
        factor = (step - PADDING) // width
        fits = full % side == 0 and factor >= 1 and (step - PADDING) == factor * width
        down = factor * height + PADDING
        if fits and pixels.shape[0] >= side * down + PADDING and factor == max(1, TILE // max(height, width)):
            break
    else:
        return None
    count = min(side * side, COUNT_LARGE if max(height, width) > LARGE else COUNT)
    corners = [(PADDING + i // side * down, PADDING + i % side * step) for i in range(count)]
    centre = factor // 2
    return np.stack(
        [
            pixels[y + centre : y + factor * height : factor, x + centre : x + factor * width : factor]
            for y, x in corners
        ]
    )
