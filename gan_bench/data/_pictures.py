"""Converts a picture file to pixels: orientation, transparency, bit depth, colour, size."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

#: Grey value of transparent parts and padded borders.
BACKGROUND = 255
SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
#: Pillow modes of greyscale pictures.
GREY_MODES = {"1", "L", "LA", "I", "F", *SIXTEEN_BIT}
#: TIFF's tag for the number of bits per sample.
BITS_PER_SAMPLE = 258

RESIZE = {
    "crop": "the short side is resized to {size} px and the middle {size} x {size} px are kept",
    "squash": "width and height are each resized to {size} px, whatever the proportions",
    "pad": "the long side is resized to {size} px and the rest is filled with white",
}


class BadPictureError(Exception):
    """A file that cannot be decoded; `str()` is the reason."""


@dataclass(frozen=True)
class Rule:
    """How any picture is converted to (channels, size, size) uint8. `resize` is a key of RESIZE."""

    size: int
    channels: int
    resize: str

    def sentence(self) -> str:
        """The rule in words, for the manifest."""
        colour = "grey is ITU-R 601 luma (0.299 R + 0.587 G + 0.114 B)" if self.channels == 1 else "colour is RGB"
        return (
            "The first frame is turned as its EXIF orientation says; transparent parts lie over white; grey of 16 bits "
            "is divided by 257, of other depths by its own scale; colour profiles are ignored; "
            f"{colour}; {RESIZE[self.resize].format(size=self.size)} (bicubic, antialiased)."
        )


def decode(path: Path, rule: Rule) -> NDArray[np.uint8]:
    """Pixels (channels, size, size) of a picture file. Raises BadPictureError with the reason."""
    with _reasons(path), Image.open(path) as opened:
        bits = _bits(opened)
        opened.load()
        picture = to_eight_bits(ImageOps.exif_transpose(opened), opened.format or "", bits)
        return resized(picture, rule)


@dataclass(frozen=True)
class Header:
    """Header of a picture file. `channels` is 1 for grey and 3 for colour; transparency does not count."""

    width: int
    height: int
    channels: int
    bits: int
    format: str


def look(path: Path) -> Header:
    """The header of a picture file. Raises BadPictureError with the reason."""
    with _reasons(path), Image.open(path) as opened:
        channels = 1 if opened.mode in GREY_MODES else 3
        return Header(*opened.size, channels, _bits(opened), opened.format or "")


def _bits(opened: Image.Image) -> int:
    """Bits per sample in a TIFF file; 16 or 8 for other formats. Pillow reduces 16-bit colour to 8 bits itself."""
    if opened.format == "TIFF":
        return int(max(opened.tag_v2.get(BITS_PER_SAMPLE, (8,))))  # type: ignore[attr-defined]
    tiles = getattr(opened, "tile", ())
    raw_mode = str(tiles[0].args) if tiles else ""
    wide = opened.mode in SIXTEEN_BIT or (opened.mode == "I" and opened.format in ("PPM", "PNG"))
    return 16 if wide or ";16" in raw_mode else 8


@contextlib.contextmanager
def _reasons(path: Path) -> Iterator[None]:
    """Context manager: turns every error that a picture file causes into a BadPictureError."""
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
    # Pillow's readers raise a dozen kinds of exceptions on broken files. Each of them means that this file is bad.
    except Exception as error:
        # Some messages of Pillow name the file. The name is removed, because the caller adds it.
        text = str(error).replace(repr(str(path)), "it").replace(str(path), "it")
        raise BadPictureError(f"cannot be decoded: {' '.join(text.split()) or type(error).__name__}") from None


def to_eight_bits(picture: Image.Image, file_format: str, bits: int) -> Image.Image:
    """An opaque picture with 8 bits per channel. `bits`: bits per sample in the file.

    Raises BadPictureError if the scale of the values is unknown.
    """
    # Pillow opens 16-bit PGM as 32-bit integers, already scaled to 0..65535.
    if picture.mode in SIXTEEN_BIT or (picture.mode == "I" and file_format in ("PPM", "PNG")):
        largest = 2**bits - 1
        scaled = (np.asarray(picture).astype(np.int64) * 255 + largest // 2) // largest
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))
    if picture.mode in ("I", "F"):
        kind = "32-bit integer" if picture.mode == "I" else "floating-point"
        raise BadPictureError(f"{kind} pixels, whose scale is not fixed; convert it to 8 or 16 bits")
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        under = Image.new("RGBA", over.size, (BACKGROUND, BACKGROUND, BACKGROUND, 255))
        return Image.alpha_composite(under, over).convert("RGB")
    return picture if picture.mode == "L" else picture.convert("RGB")


def resized(picture: Image.Image, rule: Rule) -> NDArray[np.uint8]:
    """Pixels (channels, size, size) of an opaque picture with 8 bits per channel."""
    picture = picture.convert("L" if rule.channels == 1 else "RGB")
    size, method = (rule.size, rule.size), Image.Resampling.BICUBIC
    if rule.resize == "crop":
        picture = ImageOps.fit(picture, size, method)
    elif rule.resize == "pad":
        picture = ImageOps.pad(picture, size, method, color=BACKGROUND if rule.channels == 1 else (BACKGROUND,) * 3)
    else:
        picture = picture.resize(size, method)
    pixels = np.asarray(picture)
    return pixels[None] if rule.channels == 1 else pixels.transpose(2, 0, 1)
