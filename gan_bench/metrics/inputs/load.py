"""Reading features or images from a file or folder, with checks."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from gan_bench.data._folder import list_files, read_all, readable
from gan_bench.data._pictures import BadPictureError, Rule, look
from gan_bench.errors import UserError

#: Pillow modes of greyscale pictures.
GREY_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N", "F"}

VALID_INPUTS = ".npy features (n, d) float | .npy images (n, c, h, w) uint8 with c 1 or 3 | folder of pictures"


@dataclass(frozen=True)
class Points:
    """One side: `array` holds features (n, d) or, if `images`, pixels (n, c, h, w) uint8. `rule` says how a folder's
    pictures were converted to pixels; None for arrays.
    """

    path: Path
    array: np.ndarray
    images: bool
    rule: str | None = None

    def __len__(self) -> int:
        return len(self.array)


def load_pair(real: Path | str, fake: Path | str) -> tuple[Points, Points]:
    """Both sides, of one kind and shape.

    Generated pictures are never resized: those of a folder must be square and of one size. Pictures of a real folder
    are converted to the size and colour of the generated ones.

    Raises:
        UserError: names the file and the problem.
    """
    real, fake = Path(real), Path(fake)
    generated = _folder(fake, _common_rule(fake)) if fake.is_dir() else _array(fake)
    if not real.is_dir():
        loaded = _array(real)
    elif generated.images:
        loaded = _folder(real, _target(generated))
    else:
        raise UserError(f"{real} is a folder of pictures, but {fake} holds features; both sides must be of one kind.")
    if loaded.array.shape[1:] != generated.array.shape[1:] or loaded.images != generated.images:
        raise UserError(
            f"{real} holds {_kind(loaded)} and {fake} holds {_kind(generated)}; both must agree in kind and shape."
        )
    for side in (loaded, generated):
        if len(side) < 2:
            raise UserError(f"{side.path} has {len(side)} rows; 2 or more are needed.")
    return loaded, generated


def load_more(path: Path | str, like: Points) -> Points:
    """Another set of the same kind and shape as `like`; a folder is converted to its size and colour. UserError on
    mismatch.
    """
    path = Path(path)
    if not path.is_dir():
        points = _array(path)
    elif like.images:
        points = _folder(path, _target(like))
    else:
        raise UserError(f"{path} is a folder of pictures, but {like.path} holds features; all must be of one kind.")
    if points.array.shape[1:] != like.array.shape[1:] or points.images != like.images:
        raise UserError(f"{path} holds {_kind(points)} and {like.path} holds {_kind(like)}; kind and shape must agree.")
    return points


def load_array(path: Path | str) -> np.ndarray:
    """The array in a .npy file; pickled objects are refused. UserError for any other file."""
    path = Path(path)
    try:
        array: Any = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.") from None
    # NumPy evaluates the header as Python text. A damaged one raises many kinds of errors, and may request any amount
    # of memory.
    except (ValueError, EOFError, OSError, SyntaxError, TokenError, TypeError, OverflowError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UserError(f"{path}: not a readable .npy array of numbers: {reason}") from None
    if not isinstance(array, np.ndarray):
        array.close()
        raise UserError(f"{path}: holds several arrays; save one as .npy.")
    return array


def _array(path: Path) -> Points:
    array = load_array(path)
    if array.ndim == 4:
        if array.dtype != np.uint8 or array.shape[1] not in (1, 3):
            raise UserError(f"{path}: {array.shape} {array.dtype}; images are (n, c, h, w) uint8 with c 1 or 3.")
        return Points(path, array, images=True)
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.floating) or not array.shape[1]:
        raise UserError(f"{path}: {array.shape} {array.dtype} is not valid; one of {VALID_INPUTS}.")
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        raise UserError(f"{path}: {len(bad)} of {len(array)} rows hold NaN or infinity (the first is row {bad[0]}).")
    if array.dtype.itemsize > np.dtype(np.float64).itemsize:
        raise UserError(f"{path}: features are {array.dtype}; float16, float32 or float64 is needed.")
    # float16 is widened; float32 and float64 stay as they are.
    return Points(path, array.astype(np.promote_types(array.dtype, np.float32), copy=False), images=False)


def _folder(path: Path, rule: Rule) -> Points:
    files = [(name, path / name) for name in list_files(path)]
    pictures = read_all(files, rule, "skip", Path(tempfile.gettempdir()))
    if pictures.skipped:
        first = pictures.skipped[0]
        raise UserError(
            f"{path}: {len(pictures.skipped)} of {len(files)} files are not usable pictures, such as "
            f"{readable(first['file'])} ({first['reason']}); mend or remove them."
        )
    return Points(path, pictures.images, images=True, rule=rule.sentence())


def _target(points: Points) -> Rule:
    channels, height, width = points.array.shape[1:]
    if height != width:
        raise UserError(
            f"{points.path}: images are {height} x {width}; a folder of pictures needs square ones beside it."
        )
    return Rule(height, channels, "crop")


def _common_rule(folder: Path) -> Rule:
    """The size and colour common to all pictures of a folder."""
    sizes: dict[tuple[int, int], str] = {}
    colour = False
    for name in list_files(folder):
        try:
            size, mode = look(folder / name)
        except BadPictureError as bad:
            raise UserError(f"{folder}: {readable(name)} is not a usable picture: {bad}; mend or remove it.") from None
        sizes.setdefault(size, readable(name))
        colour |= mode not in GREY_MODES
    if not sizes:
        raise UserError(f"{folder}: holds no pictures.")
    (width, height), *others = sizes
    if others or width != height:
        shown = ", ".join(f"{w} x {h} px ({name})" for (w, h), name in list(sizes.items())[:3])
        raise UserError(f"{folder}: generated pictures must be square and of one size; there are {shown}.")
    return Rule(width, 3 if colour else 1, "crop")


def _kind(side: Points) -> str:
    shape = " x ".join(map(str, side.array.shape[1:]))
    return f"images of {shape}" if side.images else f"features of {shape} dimensions"
