"""Pictures embedded in the page as data URLs, reduced only if the page would become too large."""

import base64
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

#: Largest embedded SVG of a figure, in bytes; else its PNG is embedded, with COLOURS colours above PNG_LIMIT.
SVG_LIMIT = 1_000_000
PNG_LIMIT = 1_200_000
COLOURS = 64
#: Smallest length of the shorter side of a reduced figure, in pixels.
LEAST_SIDE = 300


@dataclass(frozen=True)
class Picture:
    """A picture on the page. `address` is a data URL; `reduced`: whether it is smaller than its file."""

    address: str
    width: int
    height: int
    reduced: bool = False


def data_address(content: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def figure_picture(svg: bytes, png: bytes, limit: int = 2**31) -> Picture:
    """A figure as SVG if that is small, else as PNG, in at most `limit` bytes; width and height are the PNG's."""
    # The sheet of a study with thousands of runs exceeds Pillow's limit on pixels.
    with _of_our_own(png) as image:
        width, height = image.size
        if len(svg) <= min(SVG_LIMIT, limit):
            return Picture(data_address(svg, "image/svg+xml"), width, height)
        if len(png) > min(PNG_LIMIT, limit):
            plain = image.convert("RGB")
            png = _save([plain.quantize(2 * COLOURS)], "PNG")
            factor = 1.0
            while len(png) > limit and min(width, height) * factor > LEAST_SIDE:
                # Slightly below the size that bytes per pixel predict, as each attempt takes seconds.
                factor *= 0.92 * min(1.0, math.sqrt(limit / len(png)))
                size = (round(width * factor), round(height * factor))
                png = _save([plain.resize(size, Image.Resampling.BOX).quantize(COLOURS)], "PNG")
    return Picture(data_address(png, "image/png"), width, height, reduced=True)


def figure_size(svg: bytes, png: bytes) -> int:
    """Approximate bytes of an embedded figure without a limit."""
    return len(svg) if len(svg) <= SVG_LIMIT else min(len(png), PNG_LIMIT)


@contextmanager
def _of_our_own(content: bytes) -> Iterator[Image.Image]:
    """Open a picture without Pillow's limit on pixels; for pictures that this package drew."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(io.BytesIO(content)) as image:
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = most


def share(sizes: Sequence[int], budget: int) -> int:
    """The largest limit per file so that sizes cut to it sum to at most `budget`; the largest size if all fit."""
    left, rest = budget, sorted(sizes)
    for done, size in enumerate(rest):
        among = len(rest) - done
        if size * among > left:
            return left // among
        left -= size
    return max(sizes, default=0)


def _save(frames: list[Image.Image], kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    frames[0].save(stream, kind, optimize=True, **options)
    return stream.getvalue()
