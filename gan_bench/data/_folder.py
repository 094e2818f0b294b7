"""A folder of pictures: lists its files, and decodes each of them once."""

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gan_bench.data._pictures import BadPictureError, Rule, decode
from gan_bench.data._remarks import readable
from gan_bench.errors import UserError, first_of

#: Largest number of unusable files that one message names.
NAMED = 10

#: Largest number of folders that may be reached through links. If several paths lead to a folder, it counts once for
#: each of them.
MOST_LINKED = 1000


@dataclass(frozen=True)
class Pictures:
    """Decoded files.

    `images`: (n, C, H, W) uint8. `kept`: positions of their files in the list of files. `skipped`: the files left out.
    """

    images: NDArray[np.uint8]
    kept: list[int]
    skipped: list[dict[str, str]]


def locate(path: str, data_dir: Path | None, key: str) -> Path:
    """The folder `path`. It is looked up in the working directory, then in `data_dir`.

    If neither place has this folder, a UserError names the setting `key`.
    """
    given = Path(path).expanduser()
    places = [given]
    if data_dir is not None and not given.is_absolute():
        places.append(data_dir / given)
    for place in places:
        if place.is_dir():
            return place
    if given.exists():
        raise UserError(f"image_folder: {key} {path!r} is a file; name the folder that holds the pictures.")
    where = "the working directory" + (f" or data_dir {str(data_dir)!r}" if data_dir is not None else "")
    raise UserError(f"image_folder: {key} {path!r} is no folder (in {where}).")


def list_files(root: Path) -> list[str]:
    """Relative POSIX paths of all files below `root`, sorted by their bytes; hidden files and folders are left out.

    Links are followed, except links to a folder that contains them. UserError if a folder cannot be read, or if links
    lead to more than MOST_LINKED folders.
    """
    try:
        # Sorted by bytes, because decoding a name depends on the locale. For UTF-8 this is the order of code points.
        return sorted(
            (file.relative_to(root).as_posix() for file in _walk(root, (), itertools.count(1))), key=os.fsencode
        )
    except OSError as error:
        raise UserError(f"image_folder: {readable(str(error.filename))}: {error.strerror}.") from None


def _walk(folder: Path, above: tuple[Path, ...], linked: Iterator[int]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    if above and real != above[-1] / folder.name and next(linked) > MOST_LINKED:
        raise UserError(
            f"image_folder: {readable(str(folder))}: links between folders lead to more than {MOST_LINKED} folders; "
            "remove the links, or name the folder that holds the pictures."
        )
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, (*above, real), linked)
        else:
            yield entry


def read_all(files: Sequence[tuple[str, Path]], rule: Rule, on_error: str, scratch: Path) -> Pictures:
    """Decode each file, given as (name, path), once and in order, into an array. It is stored on the disk of `scratch`.

    Files that cannot be decoded are left out if `on_error` is "skip"; otherwise one UserError lists them with reasons.
    The array is in a file without a name, so the disk space is freed together with the array.
    """
    kept: list[int] = []
    skipped: list[dict[str, str]] = []
    with tempfile.TemporaryFile(dir=scratch) as stream:
        for position, (name, path) in enumerate(files):
            try:
                stream.write(decode(path, rule).tobytes())
                kept.append(position)
            except BadPictureError as bad:
                skipped.append({"file": name, "reason": str(bad)})
        stream.flush()
        shape = (len(kept), rule.channels, rule.size, rule.size)
        # An empty file cannot be memory-mapped.
        images: NDArray[np.uint8] = np.memmap(stream, np.uint8, "r", shape=shape) if kept else np.zeros(shape, np.uint8)
    if skipped and on_error == "refuse":
        raise refusal(skipped, len(files))
    return Pictures(images, kept, skipped)


def copies(images: NDArray[np.uint8], names: Sequence[str]) -> list[list[str]]:
    """Groups of two or more names whose pictures (n, C, H, W) are equal, in the order of each group's first picture."""
    groups: dict[bytes, list[str]] = {}
    for image, name in zip(images, names, strict=True):
        groups.setdefault(hashlib.sha256(image.tobytes()).digest(), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def refusal(bad: list[dict[str, str]], total: int) -> UserError:
    """The error for unusable files; each entry of `bad` has the keys "file" and "reason"."""
    files = [f"{readable(entry['file'])} ({entry['reason']})" for entry in bad]
    return UserError(
        f"image_folder: {len(bad)} of {total} files are not usable pictures: {first_of(files, NAMED)}. "
        "Mend or remove them, or set on_error: skip to leave them out and have them listed in the manifest."
    )
