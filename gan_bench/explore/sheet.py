"""Writes rows of images, each row with a name, as PNG, and animations as GIF."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_bench.files import atomic_path
from gan_bench.train.snapshot import grid_image

#: Lengths in pixels. TILE: longest side of an enlarged image; images with a longer side keep their size. PADDING: space
#: between tiles. GAP: additional space between groups of columns.
TILE, PADDING, GAP = 64, 2, 12
LINE_HEIGHT, MARGIN = 14, 4
FRAME_MS = 120
COLOURS = 256

Row = tuple[str, np.ndarray]
"""(name, images (n, C, H, W) uint8)"""


def write_sheet(path: Path, rows: Sequence[Row], headings: Sequence[str] = (), gaps: Sequence[int] = ()) -> None:
    """Write a PNG with a row of images beside each name. `headings`, if given, are written over the columns.

    `gaps`: numbers of columns, from 0, that have a wider space before them. Rows may have different numbers of images.
    """
    tiles = [[_tile(image) for image in images] for _, images in rows]
    side = max(max(tile.size) for row in tiles for tile in row)
    left = max(_width(name) for name, _ in rows) + 2 * MARGIN
    step = max(side, *map(_width, headings or [""])) + PADDING
    columns = [left + i * step + GAP * sum(i >= gap for gap in gaps) for i in range(max(map(len, tiles)))]
    top = LINE_HEIGHT + MARGIN if headings else MARGIN
    sheet = Image.new("RGB", (columns[-1] + side + MARGIN, top + len(rows) * (side + PADDING) + MARGIN), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default_imagefont()
    for x, heading in zip(columns, headings, strict=False):
        pen.text((x + max(0, (side - _width(heading)) // 2), MARGIN), heading, fill="black", font=font)
    for number, ((name, _), row) in enumerate(zip(rows, tiles, strict=True)):
        y = top + number * (side + PADDING)
        pen.text((MARGIN, y + (side - LINE_HEIGHT) // 2), name, fill="black", font=font)
        for x, tile in zip(columns, row, strict=False):
            sheet.paste(tile, (x, y))
    with atomic_path(path) as temporary:
        sheet.save(temporary, format="PNG")


def write_animation(path: Path, frames: np.ndarray) -> None:
    """Write a looping GIF from images (frames, n, C, H, W) uint8; each frame is a grid of n images."""
    pictures = [grid_image(frame, TILE) for frame in frames]
    if pictures[0].mode == "RGB":
        pictures = [picture.quantize(COLOURS, dither=Image.Dither.NONE) for picture in pictures]
    with atomic_path(path) as temporary:
        pictures[0].save(temporary, format="GIF", save_all=True, append_images=pictures[1:], duration=FRAME_MS, loop=0)


def _tile(image: np.ndarray) -> Image.Image:
    """One image (C, H, W), enlarged by an integer factor.

    If it has neither 1 nor 3 channels, the channels are averaged.
    """
    if len(image) not in (1, 3):
        image = image.mean(axis=0, keepdims=True).round().astype(np.uint8)
    factor = max(1, TILE // max(image.shape[1:]))
    pixels = np.kron(image, np.ones((1, factor, factor), np.uint8))
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).convert("RGB")


def _width(text: str) -> int:
    return int(ImageFont.load_default_imagefont().getbbox(text)[2]) if text else 0
