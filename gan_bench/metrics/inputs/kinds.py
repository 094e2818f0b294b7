"""Size and channels of sets of images. Sets that differ are an error unless the caller chooses a target."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gan_bench.data._folder import list_files
from gan_bench.data._pictures import RESIZE, BadPictureError, look
from gan_bench.data._remarks import readable
from gan_bench.errors import UserError

#: Largest number of sizes, channels or formats of a set that a message lists.
SHOWN = 3


@dataclass(frozen=True)
class Target:
    """Size and channels to which images are changed: `--resize SIZE[:METHOD]` and `--channels`. None: no change."""

    size: int | None = None
    method: str = "crop"
    channels: int | None = None

    @classmethod
    def of(cls, resize: str | None, channels: int | None) -> "Target":
        """The target that the two options name. UserError if a value is not valid."""
        if channels not in (None, 1, 3):
            raise UserError(f"--channels is {channels}; valid: 1 (grey), 3 (colour).")
        if resize is None:
            return cls(channels=channels)
        size, colon, method = resize.partition(":")
        if not size.isdecimal() or int(size) < 1 or (colon and method not in RESIZE):
            raise UserError(f"--resize is {resize!r}; valid: SIZE or SIZE:METHOD, METHOD one of {', '.join(RESIZE)}.")
        return cls(int(size), method or "crop", channels)


@dataclass(frozen=True)
class Kind:
    """Numbers of images of one set by (width, height), by channels, by bits per channel and by file format.

    `examples`: one file name for each size and each number of channels. For arrays, `bits`, `formats` and `examples`
    are empty.
    """

    path: Path | str
    sizes: Mapping[tuple[int, int], int]
    channels: Mapping[int, int]
    bits: Mapping[int, int] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[object, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """The counts in words, as the protocol states them."""
        parts = [
            _counts({f"{w} x {h} px": n for (w, h), n in self.sizes.items()}),
            _counts({"colour" if c == 3 else "grey": n for c, n in self.channels.items()}),
            *([_counts({f"{bits} bits": n for bits, n in self.bits.items()})] if self.bits else []),
            *([_counts(self.formats)] if self.formats else []),
        ]
        return "; ".join(parts)


def array_kind(path: str, array: np.ndarray) -> Kind:
    """The kind of an array (n, c, h, w)."""
    n, channels, height, width = array.shape
    return Kind(path, {(width, height): n}, {channels: n})


def folder_kind(folder: Path) -> Kind:
    """The kind of a folder of pictures, from the headers of its files.

    UserError if a file is not a usable picture, or if there are no files.
    """
    sizes: Counter[tuple[int, int]] = Counter()
    channels: Counter[int] = Counter()
    bits: Counter[int] = Counter()
    formats: Counter[str] = Counter()
    examples: dict[object, str] = {}
    names, bad = list_files(folder), []
    for name in names:
        try:
            header = look(folder / name)
        except BadPictureError as reason:
            bad.append(f"{readable(name)} ({reason})")
            continue
        size = (header.width, header.height)
        for counter, value in ((sizes, size), (channels, header.channels), (bits, header.bits)):
            counter[value] += 1  # type: ignore[index]
        formats[header.format] += 1
        examples.setdefault(size, readable(name))
        examples.setdefault(header.channels, readable(name))
    if bad:
        raise UserError(
            f"{folder}: {len(bad)} of {len(names)} files are not usable pictures, such as {bad[0]}; "
            "mend or remove them."
        )
    if not names:
        raise UserError(f"{folder}: contains no pictures.")
    return Kind(folder, sizes, channels, bits, formats, examples)


def common_size(kinds: Sequence[Kind], target: Target, square: bool) -> tuple[int, int]:
    """(width, height) of all images: the target's size, or the size that all images have.

    UserError if there is no target and sizes differ, or if images must be `square` and are not.
    """
    if target.size is not None:
        return target.size, target.size
    sizes = {size for kind in kinds for size in kind.sizes}
    smallest = min(min(size) for size in sizes)
    option = f"--resize {smallest} changes all of them to {smallest} x {smallest} px"
    if len(sizes) > 1:
        raise UserError(f"images differ in size: {_sets(kinds, 'size')}. {option}.")
    (size,) = sizes
    if square and size[0] != size[1]:
        raise UserError(f"pictures must be square: {_sets(kinds, 'size')}. {option}.")
    return size


def common_channels(kinds: Sequence[Kind], target: Target) -> int:
    """Number of channels of all images: the target's, or the number that all images have.

    UserError if there is no target and the numbers differ.
    """
    if target.channels is not None:
        return target.channels
    channels = {number for kind in kinds for number in kind.channels}
    if len(channels) > 1:
        raise UserError(
            f"images differ in channels: {_sets(kinds, 'channels')}. --channels 1 makes all of them grey; --channels 3 "
            "gives grey images three equal channels."
        )
    return channels.pop()


def _sets(kinds: Sequence[Kind], what: str) -> str:
    return "; ".join(f"{kind.path}: {', '.join(_entries(kind, what))}" for kind in kinds)


def _entries(kind: Kind, what: str) -> Iterator[str]:
    counts: Mapping[object, int] = kind.sizes if what == "size" else kind.channels  # type: ignore[assignment]
    for value, n in sorted(counts.items(), key=lambda entry: -entry[1])[:SHOWN]:
        word = f"{value[0]} x {value[1]} px" if isinstance(value, tuple) else ("grey" if value == 1 else "colour")
        example = f", such as {kind.examples[value]}" if value in kind.examples else ""
        yield f"{word} ({n} of {sum(counts.values())}{example})"
    if len(counts) > SHOWN:
        yield f"and {len(counts) - SHOWN} more"


def _counts(counts: Mapping[str, int]) -> str:
    """One name, such as "8 bits"; or several names with counts, such as "8 bits (190), 16 bits (10)"."""
    if len(counts) == 1:
        return next(iter(counts))
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    more = f", {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return ", ".join(f"{name} ({n})" for name, n in ordered[:SHOWN]) + more
