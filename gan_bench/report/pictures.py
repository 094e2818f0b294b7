"""Pictures embedded in the page as data URLs. Large pictures are reduced, so that the page stays small."""

import base64
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

#: A figure is embedded as SVG up to SVG_LIMIT bytes, else as PNG. A PNG of more than PNG_LIMIT bytes is reduced to
#: 2 * COLOURS colours. If it is still too large for the page, its size is reduced, and its colours to COLOURS.
SVG_LIMIT = 1_000_000
PNG_LIMIT = 1_200_000
COLOURS = 64
#: Smallest length of the shorter side of a reduced figure, in pixels.
LEAST_SIDE = 300


@dataclass(frozen=True)
class Picture:
    """A picture on the page. `address`: data URL. `reduced`: embedded as a PNG, perhaps coarser than the file."""

    address: str
    width: int
    height: int
    reduced: bool = False


def data_address(content: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def figure_picture(svg: bytes, png: bytes, limit: int = 2**31) -> Picture:
    """A figure as SVG if that is small, else as PNG. Width and height are those of the PNG file.

    The embedded file has at most `limit` bytes, unless the shorter side would become smaller than LEAST_SIDE.
    """
    # A figure of a study with thousands of runs exceeds Pillow's limit on pixels.
    with _of_our_own(png) as image:
        width, height = image.size
        if len(svg) <= min(SVG_LIMIT, limit):
            return Picture(data_address(svg, "image/svg+xml"), width, height)
        if len(png) > min(PNG_LIMIT, limit):
            plain = image.convert("RGB")
            png = _save([plain.quantize(2 * COLOURS)], "PNG")
            factor = 1.0
            while len(png) > limit and min(width, height) * factor > LEAST_SIDE:
                # The factor is a little smaller than bytes per pixel predict, because each attempt takes seconds.
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
    """The largest limit L such that the sum of min(size, L) is at most `budget`; the largest size if all fit."""
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
