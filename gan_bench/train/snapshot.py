"""Pictures of a run: the same latents drawn at steps of the training, as a grid and as an animation."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from gan_bench.data.scaling import to_uint8
from gan_bench.files import atomic_path
from gan_bench.train.network import Network, Tensors

N_IMAGES = 64
#: An animation shows the first of them: enough to follow, and a page of sixty runs stays small.
N_ANIMATED = 16
#: Pixels between images and around the grid, and their grey value.
PADDING, BACKGROUND = 2, 96
#: Images are enlarged by the largest whole factor that keeps their longer side within this many pixels.
TILE = 64
LABEL_HEIGHT = 14
FRAME_MS, LAST_FRAME_MS = 250, 2500

Frame = tuple[int, np.ndarray]
"""(G step, images uint8 (n,C,H,W))"""


def draw_images(generator: Network, parameters: Tensors, buffers: Tensors, z: Tensor) -> np.ndarray:
    """Images of latents z (n,Z) by the generator in eval mode: uint8 (n,C,H,W).

    An image with a non-finite pixel cannot be drawn: it is shown as a cross on black.
    """
    with torch.no_grad():
        images = generator(parameters, buffers, z, training=False).cpu()
    broken = ~torch.isfinite(images).flatten(1).all(dim=1)
    if broken.any():
        images = torch.where(broken[:, None, None, None], _cross(images.shape[2], images.shape[3]), images)
    drawn: np.ndarray = np.asarray(to_uint8(images))
    return drawn


def grid_image(images: np.ndarray, tile: int = TILE) -> Image.Image:
    """Images uint8 (n,C,H,W) as one picture, row by row in a square that just holds them, enlarged within `tile`.

    C = 3 in colour; one channel, or the mean of any other number, in grey. Grey values are those of the images:
    nothing is stretched.
    """
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
    """The grid as PNG."""
    with atomic_path(path) as temporary:
        grid_image(images).save(temporary, format="PNG")


def write_progress(path: Path, frames: Sequence[Frame]) -> None:
    """The first `N_ANIMATED` images of each frame as a grid, in a looping GIF, each with its step; the last is held."""
    pictures = [_labelled(grid_image(images[:N_ANIMATED]), f"step {step}") for step, images in frames]
    durations = [FRAME_MS] * (len(pictures) - 1) + [LAST_FRAME_MS]
    with atomic_path(path) as temporary:
        pictures[0].save(temporary, format="GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)


def _labelled(grid: Image.Image, text: str) -> Image.Image:
    """The grid over a strip of text. Colours are cut to a palette of 256, which is all that a GIF frame has."""
    frame = Image.new(grid.mode, (grid.width, grid.height + LABEL_HEIGHT))
    frame.paste(grid, (0, 0))
    # The font drawn as a bitmap is the same on every machine.
    font = ImageFont.load_default_imagefont()
    white = "white" if grid.mode == "RGB" else 255
    ImageDraw.Draw(frame).text((PADDING, grid.height + 1), text, fill=white, font=font)
    if grid.mode == "RGB":
        return frame.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return frame


def _cross(height: int, width: int) -> Tensor:
    """(height, width) float32 in [-1, 1]: both diagonals white."""
    rows, columns = np.arange(height) * (width - 1), np.arange(width) * (height - 1)
    near = np.abs(rows[:, None] - columns[None, :]) * 2 <= max(height, width)
    mirrored = near[:, ::-1]
    return torch.from_numpy(np.where(near | mirrored, 1.0, -1.0).astype(np.float32))
