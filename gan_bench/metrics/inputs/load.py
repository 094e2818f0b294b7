"""Reads and checks features or images from files, folders or memory."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from PIL import Image

from gan_bench.data._folder import list_files, read_all
from gan_bench.data._pictures import Rule, resized
from gan_bench.data._remarks import readable
from gan_bench.errors import UserError
from gan_bench.metrics.inputs.kinds import Kind, Target, array_kind, common_channels, common_size, folder_kind
from gan_bench.words import plural

VALID_INPUTS = ".npy features (n, d) float | .npy images (n, c, h, w) uint8 with c 1 or 3 | folder of pictures"
UNCHANGED = Target()


@dataclass(frozen=True)
class InMemory:
    """An array in place of a file. Messages and the protocol show its `name`."""

    name: str
    array: np.ndarray

    def __str__(self) -> str:
        return self.name


#: A file, a folder of pictures, or an array.
Source = Path | str | InMemory


@dataclass(frozen=True)
class Points:
    """One set: `array` holds features (n, d); or pixels (n, c, h, w) uint8, if `images` is true.

    Attributes:
        rule: how the picture files of a folder were converted to pixels, in words; None for arrays.
        kind: sizes and channels of the images before a target changed them; None for features.
        names: file names of a folder's pictures; empty for arrays.
    """

    path: Path | InMemory
    array: np.ndarray
    images: bool
    rule: str | None = None
    kind: Kind | None = None
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.array)

    def name(self, row: int) -> str:
        """The file name of a row, or "row" with its number."""
        return readable(self.names[row]) if self.names else f"row {row}"


def load_sets(sources: Sequence[Source], target: Target = UNCHANGED) -> list[Points]:
    """The sets in the given sources: all are features of the same dimension, or all are images of the same shape.

    `target` says to which size and channels images are changed. Without it, all images must have the same size and
    channels, and they must be square if a source is a folder.

    Raises:
        UserError: a file is not valid, or the sets do not fit together. The message names the file and the problem and,
            if images differ in size or channels, the option that changes them.
    """
    places = [source if isinstance(source, InMemory) else Path(source) for source in sources]
    arrays = [None if is_folder(place) else _array(place) for place in places]
    features = [points for points in arrays if points is not None and not points.images]
    if features:
        _refuse_features(places, arrays, features[0], target)
        return [points for points in arrays if points is not None]
    kinds = [
        folder_kind(Path(str(place))) if points is None else array_kind(str(place), points.array)
        for place, points in zip(places, arrays, strict=True)
    ]
    width, height = common_size(kinds, target, square=None in arrays)
    channels = common_channels(kinds, target)
    rule = Rule(width, channels, target.method)
    sets = []
    for kind, points in zip(kinds, arrays, strict=True):
        if points is None:
            loaded = _folder(kind, rule)
        elif points.array.shape[1:] == (channels, height, width):
            loaded = replace(points, kind=kind)
        else:
            loaded = replace(points, kind=kind, array=np.stack([_adapted(pixels, rule) for pixels in points.array]))
        sets.append(_at_least_two(loaded))
    return sets


def is_folder(source: Source) -> bool:
    return not isinstance(source, InMemory) and Path(source).is_dir()


def _refuse_features(
    places: Sequence[Path | InMemory], arrays: Sequence[Points | None], features: Points, target: Target
) -> None:
    """UserError if not all sets are features of one dimension, if one has fewer than 2 rows, or if `target` is set."""
    for place, points in zip(places, arrays, strict=True):
        if points is None:
            raise UserError(
                f"{place} is a folder of pictures, but {features.path} holds features; give only images or features."
            )
        if points.images or points.array.shape[1:] != features.array.shape[1:]:
            first = next(each for each in arrays if each is not None)
            second = points if first is not points else features
            raise UserError(
                f"{first.path} holds {_words(first)} and {second.path} holds {_words(second)}; "
                "kind and shape must agree."
            )
        _at_least_two(points)
    if target != UNCHANGED:
        raise UserError(f"{features.path} holds features; --resize and --channels are for images.")


def _at_least_two(points: Points) -> Points:
    if len(points) < 2:
        raise UserError(f"{points.path} has {len(points)} rows; 2 or more are needed.")
    return points


def load_array(path: Source) -> np.ndarray:
    """The array in memory or in a .npy file. UserError for any other file, and for an array of pickled objects."""
    if isinstance(path, InMemory):
        return path.array
    path = Path(path)
    try:
        array: Any = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.") from None
    # NumPy parses the header as a Python literal. A damaged header can raise many kinds of errors, or request any
    # amount of memory.
    except (ValueError, EOFError, OSError, SyntaxError, TokenError, TypeError, OverflowError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UserError(f"{path}: not a readable .npy array of numbers: {reason}") from None
    if not isinstance(array, np.ndarray):
        array.close()
        raise UserError(f"{path}: holds several arrays; save one as .npy.")
    return array


def _array(path: Path | InMemory) -> Points:
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
    # float16 becomes float32; float32 and float64 are not changed.
    return Points(path, array.astype(np.promote_types(array.dtype, np.float32), copy=False), images=False)


def _folder(kind: Kind, rule: Rule) -> Points:
    folder = Path(kind.path)
    names = list_files(folder)
    pictures = read_all([(name, folder / name) for name in names], rule, "skip", Path(tempfile.gettempdir()))
    if pictures.skipped:
        first = pictures.skipped[0]
        raise UserError(
            f"{kind.path}: {len(pictures.skipped)} of {len(names)} files are not usable pictures, such as "
            f"{readable(first['file'])} ({first['reason']}); mend or remove them."
        )
    return Points(folder, pictures.images, images=True, rule=rule.sentence(), kind=kind, names=names)


def _adapted(pixels: np.ndarray, rule: Rule) -> np.ndarray:
    """One image (c, h, w) uint8, changed to the rule's size and channels in the same way as a picture file."""
    picture = Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    return resized(picture, rule)


def _words(points: Points) -> str:
    shape = " x ".join(map(str, points.array.shape[1:]))
    return f"images of {shape}" if points.images else f"features of {shape} dimensions"


def images_protocol(real: Points, fake: Points, train: Points | None) -> dict[str, Any]:
    """The protocol's entries about images. For features, all entries are None.

    images: sizes, channels and formats of each set before changes.
    adapted: the changes of size and channels; None if there were none.
    picture_rule: how picture files were converted to pixels; None without folders.
    """
    sets = {"real": real, "fake": fake} | ({} if train is None else {"train": train})
    kinds = {name: points.kind for name, points in sets.items() if points.kind is not None}
    rules = [points.rule for points in sets.values() if points.rule is not None]
    return {
        "images": {name: kind.sentence() for name, kind in kinds.items()} or None,
        "adapted": _changes(list(kinds.values()), real.array.shape[1:]),
        "picture_rule": rules[0] if rules else None,
    }


def _changes(kinds: Sequence[Kind], shape: tuple[int, ...]) -> str | None:
    """How many images were changed in size or channels to `shape` (c, h, w), in words; None if there were none."""
    changed = sum(n for kind in kinds for size, n in kind.sizes.items() if size != (shape[-1], shape[-2]))
    recoloured = sum(n for kind in kinds for channels, n in kind.channels.items() if channels != shape[0])
    parts = [f"{plural(changed, 'image')} resized to {shape[-1]} x {shape[-2]} px"] if changed else []
    parts += [f"{plural(recoloured, 'image')} turned {'grey' if shape[0] == 1 else 'into RGB'}"] if recoloured else []
    return "; ".join(parts) or None
