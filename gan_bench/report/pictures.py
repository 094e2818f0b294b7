"""Pictures embedded in the page as data URLs. In the page, a large picture may have fewer colours and pixels."""

import base64
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

#: A figure is embedded as SVG if the SVG has at most SVG_LIMIT bytes, else as PNG. A PNG of more than PNG_LIMIT bytes
#: is reduced to 2 * COLOURS colours. If this PNG is still too large for the page, it is scaled down and reduced to
#: COLOURS colours.
SVG_LIMIT = 1_000_000
PNG_LIMIT = 1_200_000
COLOURS = 64
#: A figure is not scaled down further if its shorter side has at most this many pixels.
LEAST_SIDE = 300


@dataclass(frozen=True)
class Picture:
    """A picture on the page.

    `address`: data URL. `reduced`: whether it is embedded as a PNG, which may have fewer pixels or colours than the
    figure's file.
    """

    address: str
    width: int
    height: int
    reduced: bool = False


def data_address(content: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def figure_picture(svg: bytes, png: bytes, limit: int = 2**31) -> Picture:
    """A figure as SVG if the SVG is small, else as PNG. Width and height are those of the original PNG.

    The embedded file has at most `limit` bytes. It may be larger only if its shorter side has at most LEAST_SIDE
    pixels.
    """
    # The figure of a study with thousands of runs has more pixels than Pillow opens by default.
    with _of_our_own(png) as image:
        width, height = image.size
        if len(svg) <= min(SVG_LIMIT, limit):
            return Picture(data_address(svg, "image/svg+xml"), width, height)
        if len(png) > min(PNG_LIMIT, limit):
            plain = image.convert("RGB")
            png = _save([plain.quantize(2 * COLOURS)], "PNG")
            factor = 1.0
            while len(png) > limit and min(width, height) * factor > LEAST_SIDE:
                # The factor 0.92 aims below the limit, because each further attempt takes seconds.
                factor *= 0.92 * min(1.0, math.sqrt(limit / len(png)))
                size = (round(width * factor), round(height * factor))
                png = _save([plain.resize(size, Image.Resampling.BOX).quantize(COLOURS)], "PNG")
    return Picture(data_address(png, "image/png"), width, height, reduced=True)


def figure_size(svg: bytes, png: bytes) -> int:
    """Approximate size in bytes of a figure embedded without a limit."""
    return len(svg) if len(svg) <= SVG_LIMIT else min(len(png), PNG_LIMIT)


@contextmanager
def _of_our_own(content: bytes) -> Iterator[Image.Image]:
    """Open a picture that this package drew, without Pillow's limit on the number of pixels."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(io.BytesIO(content)) as image:
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = most


def share(sizes: Sequence[int], budget: int) -> int:
    """Limit in bytes for each picture, with which all pictures together have at most `budget` bytes.

    With the limit L, a picture has min(size, L) bytes. The result is the largest L for which the sum of these numbers
    is at most `budget`. If all pictures fit, it is the largest size.
    """
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
