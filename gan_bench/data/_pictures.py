"""One picture file to pixels: orientation, transparency, bit depth, colour, size."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

#: What transparent parts and padded borders show.
BACKGROUND = 255
SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")

RESIZE = {
    "crop": "the short side is resized to {size} px and the middle {size} x {size} px are kept",
    "squash": "width and height are each resized to {size} px, whatever the proportions",
    "pad": "the long side is resized to {size} px and the rest is filled with white",
}


class BadPictureError(Exception):
    """A file that gives no picture; `str()` is the reason."""


@dataclass(frozen=True)
class Rule:
    """How a picture of any kind becomes (channels, size, size) uint8. `resize` is a key of RESIZE."""

    size: int
    channels: int
    resize: str

    def sentence(self) -> str:
        """The rule in words, for the manifest."""
        colour = "grey is ITU-R 601 luma (0.299 R + 0.587 G + 0.114 B)" if self.channels == 1 else "colour is RGB"
        return (
            "The first frame is turned as its EXIF orientation says; transparent parts lie over white; 16-bit grey is "
            f"divided by 257; colour profiles are ignored; {colour}; {RESIZE[self.resize].format(size=self.size)} "
            "(bicubic, antialiased)."
        )


def decode(path: Path, rule: Rule) -> NDArray[np.uint8]:
    """Pixels (channels, size, size) of a picture file. Raises BadPictureError with the reason."""
    with _reasons(path), Image.open(path) as opened:
        opened.load()
        picture = ImageOps.exif_transpose(opened)
        picture = to_eight_bits(picture, opened.format or "").convert("L" if rule.channels == 1 else "RGB")
        pixels = np.asarray(_resized(picture, rule))
    return pixels[None] if rule.channels == 1 else pixels.transpose(2, 0, 1)


def look(path: Path) -> tuple[tuple[int, int], str]:
    """((width, height) px, Pillow's mode) as a picture file says of itself. Raises BadPictureError with the reason."""
    with _reasons(path), Image.open(path) as opened:
        return opened.size, opened.mode


@contextlib.contextmanager
def _reasons(path: Path) -> Iterator[None]:
    """Whatever goes wrong with a picture file in the block is a BadPictureError."""
    try:
        if not path.is_file():
            raise BadPictureError("a link that leads nowhere" if path.is_symlink() else "not a regular file")
        if path.stat().st_size == 0:
            raise BadPictureError("an empty file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except BadPictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPictureError(f"more than {Image.MAX_IMAGE_PIXELS} pixels") from None
    except UnidentifiedImageError:
        raise BadPictureError("not a picture in a format that can be read") from None
    # Pillow's readers raise a dozen kinds of exceptions on broken files; each of them means this file is bad.
    except Exception as error:
        # Some repeat the file's name, which the caller says.
        text = str(error).replace(repr(str(path)), "it").replace(str(path), "it")
        raise BadPictureError(f"cannot be decoded: {' '.join(text.split()) or type(error).__name__}") from None


def to_eight_bits(picture: Image.Image, file_format: str) -> Image.Image:
    """An opaque picture with 8 bits per channel. Raises BadPictureError where the scale of the values is unknown."""
    # Pillow opens 16-bit PGM as 32-bit integers, already spread over 0..65535.
    if picture.mode in SIXTEEN_BIT or (picture.mode == "I" and file_format in ("PPM", "PNG")):
        wide = np.asarray(picture).astype(np.int64)
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8))
    if picture.mode in ("I", "F"):
        kind = "32-bit integer" if picture.mode == "I" else "floating-point"
        raise BadPictureError(f"{kind} pixels, whose scale is not fixed; convert it to 8 or 16 bits")
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        under = Image.new("RGBA", over.size, (BACKGROUND, BACKGROUND, BACKGROUND, 255))
        return Image.alpha_composite(under, over).convert("RGB")
    return picture if picture.mode == "L" else picture.convert("RGB")


def _resized(picture: Image.Image, rule: Rule) -> Image.Image:
    size, method = (rule.size, rule.size), Image.Resampling.BICUBIC
    if rule.resize == "crop":
        return ImageOps.fit(picture, size, method)
    if rule.resize == "pad":
        return ImageOps.pad(picture, size, method, color=BACKGROUND if rule.channels == 1 else (BACKGROUND,) * 3)
    return picture.resize(size, method)
