"""Examines a folder of pictures."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_bench.data._folder import list_files
from gan_bench.data._pictures import BadPictureError, Rule, decode, look
from gan_bench.data._remarks import readable
from gan_bench.errors import UserError, first_of
from gan_bench.words import plural

#: NAMED: largest number of files that a sentence names. FEWEST_OF_CLASS, FEWEST: smallest numbers of pictures of a
#: class and of a study.
NAMED, FEWEST_OF_CLASS, FEWEST = 3, 10, 16


@dataclass(frozen=True)
class Folder:
    """Facts about the pictures in a folder and its sub-folders.

    Attributes:
        count: number of usable pictures.
        smallest: shortest side of any picture in px.
        grey: number of grey pictures.
        broken: (file, reason) of each unusable file.
        duplicates: groups of files that have the same pixels after they are resized to 32 px.
        classes: number of pictures in or below each direct sub-folder; "" for pictures in no sub-folder.
        deep: number of pictures in sub-folders.
    """

    path: Path
    count: int
    smallest: int
    grey: int
    broken: Sequence[tuple[str, str]]
    duplicates: Sequence[Sequence[str]]
    classes: Counter[str]
    deep: int

    @property
    def labelled(self) -> bool:
        """Whether sub-folders are classes.

        Sub-folders are classes if every picture is in one of them, and if there are several of them, each with
        FEWEST_OF_CLASS or more pictures.
        """
        return "" not in self.classes and len(self.classes) > 1 and min(self.classes.values()) >= FEWEST_OF_CLASS

    @property
    def colour(self) -> bool:
        return self.grey < self.count

    def sentences(self) -> Iterator[str]:
        """Sentences on the folder for the user."""
        kind = "grey" if not self.colour else "colour" if not self.grey else f"colour, {self.grey} of them grey"
        yield f"{plural(self.count, 'picture')}, {kind}; the smallest has a side of {self.smallest} px."
        if self.broken:
            files = first_of([f"{readable(name)} ({reason})" for name, reason in self.broken], NAMED)
            left = plural(len(self.broken), "file is", "files are")
            yield f"{left} left out as unusable: {files}."
        if self.duplicates:
            groups = first_of([" = ".join(map(readable, group[:NAMED])) for group in self.duplicates], NAMED)
            copies = sum(len(group) - 1 for group in self.duplicates)
            yield (
                f"{plural(copies, 'picture is a copy', 'pictures are copies')} of others: {groups}. If a test picture "
                "is a copy of a training picture, scores look too good: remove copies."
            )
        if self.labelled:
            largest = ", ".join(f"{name} {n}" for name, n in self.classes.most_common(5))
            yield f"{len(self.classes)} classes by folder: {largest}."
        elif self.deep:
            names = ", ".join(name for name, _ in self.classes.most_common(NAMED + 1) if name)
            count = plural(self.deep, "picture is", "pictures are")
            yield f"{count} in sub-folders ({names}); they are used too, but sub-folders are not classes."


def split_sentence(train: int, test: int) -> str:
    """Sentence on the numbers of pictures for training and for scores."""
    trained = plural(train, "picture is", "pictures are")
    return f"{trained} used for training; samples are scored against the other {test}."


def look_at(path: Path, fewest: int = 0) -> Folder:
    """Read every file in a folder and its sub-folders.

    UserError if there is no such folder, or if it has fewer than `fewest` pictures.
    """
    if not path.is_dir():
        raise UserError(f"--folder {path}: no such folder.")
    broken, pixels, classes, sides = list[tuple[str, str]](), dict[str, list[str]](), Counter[str](), list[int]()
    grey = deep = 0
    for name in list_files(path):
        try:
            header = look(path / name)
            digest = hashlib.sha256(decode(path / name, Rule(32, 3, "crop")).tobytes()).hexdigest()
        except BadPictureError as bad:
            broken.append((name, str(bad)))
            continue
        pixels.setdefault(digest, []).append(name)
        sides.append(min(header.width, header.height))
        grey += header.channels == 1
        deep += "/" in name
        classes[name.split("/", 1)[0] if "/" in name else ""] += 1
    if len(sides) < fewest:
        left_out = f" ({plural(len(broken), 'file')} unusable)" if broken else ""
        raise UserError(f"--folder {path}: {plural(len(sides), 'picture')}{left_out}; at least {fewest} are needed.")
    duplicates = [group for group in pixels.values() if len(group) > 1]
    return Folder(path, len(sides), min(sides, default=0), grey, broken, duplicates, classes, deep)
