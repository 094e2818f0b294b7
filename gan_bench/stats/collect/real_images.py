"""Pictures of the first real images of each data set, and remarks on problems of the data, for the report."""

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from gan_bench import paths
from gan_bench.data import remarks
from gan_bench.files import read_json

#: For a grid of images: number of images, gap (px), grey level of the gaps and target tile size (px). The animations of
#: runs have the same values.
COUNT, PADDING, BACKGROUND, TILE = 16, 2, 96, 64


def real_images(plan: Mapping[str, Any], data_folder: Path) -> pd.DataFrame:
    """One row (dataset, png) for each image data set whose files are in `data_folder`."""
    pictures = {label: real_picture(data_folder / entry["id"]) for label, entry in plan["datasets"].items()}
    rows = [(label, picture) for label, picture in pictures.items() if picture is not None]
    return pd.DataFrame(rows, columns=["dataset", "png"])


def data_remarks(plan: Mapping[str, Any], data_folder: Path) -> dict[str, list[str]]:
    """Data set -> remarks on problems of its images, for each data set whose files are in `data_folder`."""
    manifests = {label: data_folder / entry["id"] / paths.MANIFEST for label, entry in plan["datasets"].items()}
    return {label: remarks(read_json(file)) for label, file in manifests.items() if file.is_file()}


def real_picture(folder: Path) -> bytes | None:
    """PNG of the first COUNT test images, or of the first training images if there are fewer than COUNT test images.

    None if the images are not on disk, or if they are not 8-bit pictures of more than one pixel.
    """
    if not (folder / paths.MANIFEST).is_file() or not (folder / paths.IMAGES).is_file():
        return None
    counts = read_json(folder / paths.MANIFEST)["counts"]
    images = np.load(folder / paths.IMAGES, mmap_mode="r")
    if images.dtype != np.uint8 or images.shape[2:] == (1, 1):
        return None
    start = counts["train"] if counts.get("test", 0) >= COUNT else 0
    stream = io.BytesIO()
    grid(np.asarray(images[start : start + COUNT])).save(stream, "PNG")
    return stream.getvalue()


def grid(images: np.ndarray) -> Image.Image:
    """Picture of images uint8 (n, C, H, W) in a square grid with gaps, enlarged by a whole factor.

    The layout is the same as in the pictures of a run. If C is neither 1 nor 3, the mean over the channels is shown.
    """
    if images.shape[1] not in (1, 3):
        images = images.mean(axis=1, keepdims=True).round().astype(np.uint8)
    factor = max(1, TILE // max(images.shape[2:]))
    tiles = np.kron(images.transpose(0, 2, 3, 1), np.ones((1, factor, factor, 1), np.uint8))
    n, h, w, channels = tiles.shape
    side = math.ceil(math.sqrt(n))
    rows = math.ceil(n / side)
    sheet = np.full((rows * (h + PADDING) + PADDING, side * (w + PADDING) + PADDING, channels), BACKGROUND, np.uint8)
    for i, tile in enumerate(tiles):
        y, x = PADDING + i // side * (h + PADDING), PADDING + i % side * (w + PADDING)
        sheet[y : y + h, x : x + w] = tile
    return Image.fromarray(sheet if channels == 3 else sheet[:, :, 0])
