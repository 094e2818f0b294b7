"""Pictures of a run: images of the same latents at chosen steps, as a grid and as an animation."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from gan_bench.data.scaling import to_uint8
from gan_bench.files import atomic_path

N_IMAGES = 64
N_POINTS = 1024
#: An animation shows only the first images of a grid, so that a page with the animations of sixty runs stays small.
N_ANIMATED = 16
#: Pixels between images and around the grid, and their grey value.
PADDING, BACKGROUND = 2, 96
#: Images are enlarged by the largest whole factor that keeps their longer side within this many pixels.
TILE = 64
LABEL_HEIGHT = 14
FRAME_MS, LAST_FRAME_MS = 250, 2500

Frame = tuple[int, np.ndarray]
"""(G step, images (n,C,H,W): uint8 pixels, or float32 points with H = W = 1)"""

#: Pictures of points: side of the white square (px), side of a dot (px), grey levels of dots and axes, and the largest
#: coordinate that is shown.
PLANE, DOT_SIDE, DOT, AXIS, REACH = 200, 2, 40, 225, 1.1


def count_for(shape: tuple[int, int, int]) -> int:
    """Number of images or points of shape (C, H, W) in a run's picture."""
    return N_POINTS if shape[1:] == (1, 1) else N_IMAGES


def draw_images(images: Tensor) -> np.ndarray:
    """Images (n,C,H,W) float32 in [-1, 1] as uint8 (n,C,H,W); points (n,C,1,1) are not changed.

    An image with a non-finite pixel becomes a white cross on black.
    """
    if images.shape[2:] == (1, 1):
        return np.asarray(images)
    broken = ~torch.isfinite(images).flatten(1).all(dim=1)
    if broken.any():
        images = torch.where(broken[:, None, None, None], _cross(images.shape[2], images.shape[3]), images)
    return np.asarray(to_uint8(images))


def grid_image(images: np.ndarray, tile: int = TILE) -> Image.Image:
    """Images uint8 (n,C,H,W) as one grid with ceil(sqrt(n)) columns, each image enlarged to at most `tile` pixels.

    Images with three channels are shown in colour. For any other number of channels, the mean of the channels is shown
    in grey. Grey values are not stretched. Points are drawn as dots in the plane of their first two values.
    """
    if images.dtype == np.float32:
        return _plane(images[:, :2, 0, 0])
    n, channels, height, width = images.shape
    if channels not in (1, 3):
        images = images.mean(axis=1, keepdims=True).round().astype(np.uint8)
    factor = max(1, tile // max(height, width))
    tiles = np.kron(images, np.ones((1, 1, factor, factor), np.uint8))
    tiles = np.pad(tiles, ((0, 0), (0, 0), (PADDING, 0), (PADDING, 0)), constant_values=BACKGROUND)
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    shape = (rows * columns, *tiles.shape[1:])
    sheet = np.full(shape, BACKGROUND, np.uint8)
    sheet[:n] = tiles
    _, depth, h, w = shape
    grid = sheet.reshape(rows, columns, depth, h, w).transpose(0, 3, 1, 4, 2).reshape(rows * h, columns * w, depth)
    grid = np.pad(grid, ((0, PADDING), (0, PADDING), (0, 0)), constant_values=BACKGROUND)
    return Image.fromarray(grid if depth == 3 else grid[:, :, 0])


def write_samples(path: Path, images: np.ndarray) -> None:
    """Write the grid of the images as PNG."""
    with atomic_path(path) as temporary:
        grid_image(images).save(temporary, format="PNG")


def write_progress(path: Path, frames: Sequence[Frame]) -> None:
    """Write a looping GIF. A frame shows the first `N_ANIMATED` images, or all points, and the step.

    The last frame stays longer.
    """
    pictures = [
        _labelled(grid_image(images if images.dtype == np.float32 else images[:N_ANIMATED]), f"step {step}")
        for step, images in frames
    ]
    durations = [FRAME_MS] * (len(pictures) - 1) + [LAST_FRAME_MS]
    with atomic_path(path) as temporary:
        pictures[0].save(temporary, format="GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)


def _labelled(grid: Image.Image, text: str) -> Image.Image:
    """The grid with a line of text below it. Colours are reduced to 256, the largest number in a frame of a GIF."""
    frame = Image.new(grid.mode, (grid.width, grid.height + LABEL_HEIGHT))
    frame.paste(grid, (0, 0))
    # A bitmap font has the same pixels on every machine.
    font = ImageFont.load_default_imagefont()
    white = "white" if grid.mode == "RGB" else 255
    ImageDraw.Draw(frame).text((PADDING, grid.height + 1), text, fill=white, font=font)
    if grid.mode == "RGB":
        return frame.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return frame


def _plane(points: np.ndarray) -> Image.Image:
    """Points (n, 2) as dots, with the second value upwards.

    Non-finite points, and points with a coordinate beyond REACH, are left out.
    """
    sheet = np.full((PLANE, PLANE), 255, np.uint8)
    sheet[PLANE // 2, :] = sheet[:, PLANE // 2] = AXIS
    shown = points[np.isfinite(points).all(axis=1)]
    shown = shown[(np.abs(shown) <= REACH).all(axis=1)]
    scale = (PLANE - DOT_SIDE) / (2 * REACH)
    columns = np.rint((shown[:, 0] + REACH) * scale).astype(int)
    rows = np.rint((REACH - shown[:, 1]) * scale).astype(int)
    for down in range(DOT_SIDE):
        for right in range(DOT_SIDE):
            sheet[rows + down, columns + right] = DOT
    return Image.fromarray(sheet)


def _cross(height: int, width: int) -> Tensor:
    """(height, width) float32 in [-1, 1]: both diagonals are 1 (white), the rest -1."""
    rows, columns = np.arange(height) * (width - 1), np.arange(width) * (height - 1)
    near = np.abs(rows[:, None] - columns[None, :]) * 2 <= max(height, width)
    mirrored = near[:, ::-1]
    return torch.from_numpy(np.where(near | mirrored, 1.0, -1.0).astype(np.float32))
