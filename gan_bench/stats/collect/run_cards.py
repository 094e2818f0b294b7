"""A JSON file with one card per run, written and read one card at a time.

A card contains the settings and the status of a run, and the verdict of the collapse detector. The cards of a large
study may not fit into memory together.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.files import atomic_path, read_json
from gan_bench.stats.collect.run_files import RunRecord

Card = dict[str, Any]
Key = tuple[str, str, int]
"""(data set, cell, seed)"""

#: Number of bytes read at a time.
CHUNK = 1 << 23
_WORDS = {None: "null", True: "true", False: "false"}
_TEXT = json.encoder.encode_basestring_ascii
#: Layout of files that `card_stream` writes: start of the list, end of a card, lines of a card that identify its run.
_HEAD = b"[\n {"
_END = re.compile(rb"\n }(?=,\n|\n\])")
_KEY = re.compile(rb'\n  "(dataset|cell|seed)": ([^\n]*?),?(?=\n)')


def card_of(record: RunRecord) -> Card:
    """The card of a run: its key, status and settings, and the content of its status.json and collapse.json."""
    settings = {**record.run.settings, "seed": record.run.seed}
    documents = {"settings": settings, "status_document": record.status_document, "collapse": record.collapse}
    return {**record.run.key, "status": record.status, **documents}


@contextmanager
def card_stream(path: Path) -> Iterator[Callable[[Card], None]]:
    """Yield a function that appends a card to a file.

    The file appears when the `with` block ends without an exception. It has the same bytes as a file that `write_json`
    writes from the list of all cards.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        separators = itertools.chain(["[\n "], itertools.repeat(",\n "))

        def put(card: Card) -> None:
            stream.write(next(separators) + to_json(card, " "))

        yield put
        stream.write("[]\n" if next(separators).startswith("[") else "\n]\n")


def to_json(value: Any, indent: str = "") -> str:
    """The same text as `json.dumps(value, indent=1, sort_keys=True, allow_nan=False)`, in half the time.

    Args:
        value: any value that JSON can represent.
        indent: white space at the start of the line in which the text begins.

    Raises:
        ValueError: for NaN and infinity.
    """
    kind = type(value)
    if kind is str:
        return _TEXT(value)
    if kind is int or (kind is float and math.isfinite(value)):
        return repr(value)
    inner = indent + " "
    if kind is dict and value:
        lines = [f"{inner}{_TEXT(name)}: {to_json(value[name], inner)}" for name in sorted(value)]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if kind in (list, tuple) and value:
        return "[\n" + ",\n".join([inner + to_json(item, inner) for item in value]) + f"\n{indent}]"
    return _WORDS[value] if value is None or kind is bool else json.dumps(value, allow_nan=False)


def each_card(path: Path) -> Iterator[Card]:
    """The cards of a file, one at a time; UserError if the file is missing or damaged."""
    if not _streamable(path):
        yield from read_json(path)
        return
    for _, text in _texts(path):
        yield _parsed(path, text)


class Cards(Mapping[Key, Card]):
    """Mapping (data set, cell, seed) -> card, in the order of the file. A card is read from the file on access.

    A file that `card_stream` did not write is read as a whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole: dict[Key, Card] = {}
        self._places: dict[Key, tuple[int, int]] = {}
        self._last: tuple[Key, Card] | None = None
        if not _streamable(path):
            self._whole = {(card["dataset"], card["cell"], card["seed"]): card for card in read_json(path)}
            return
        for begin, text in _texts(path):
            key = {name: json.loads(value) for name, value in _KEY.findall(text)}
            self._places[key[b"dataset"], key[b"cell"], key[b"seed"]] = begin, len(text)

    def __getitem__(self, key: Key) -> Card:
        if not self._places:
            return self._whole[key]
        if self._last is None or self._last[0] != key:
            begin, size = self._places[key]
            with self._path.open("rb") as stream:
                stream.seek(begin)
                self._last = key, _parsed(self._path, stream.read(size))
        return self._last[1]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._places or self._whole)

    def __len__(self) -> int:
        return len(self._places or self._whole)


def _streamable(path: Path) -> bool:
    """Whether a file exists and begins like a file that `card_stream` wrote."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(_HEAD)) == _HEAD


def _texts(path: Path) -> Iterator[tuple[int, bytes]]:
    """Position (in bytes) and text of each card; UserError if the file does not end with the end of the list."""
    with path.open("rb") as stream:
        begin = stream.seek(len(_HEAD) - 2)
        rest = b""
        while more := stream.read(CHUNK):
            rest, last = rest + more, 0
            for match in _END.finditer(rest):
                yield begin + last, rest[last : match.end()]
                # This skips the comma between two cards, or the line break before the end of the list.
                last = match.end() + 1
            rest, begin = rest[last:], begin + last
    if rest != b"]\n":
        read_json(path)
        raise UserError(f"{path}: gan-bench did not write this layout; collect the study's runs again.")


def _parsed(path: Path, text: bytes) -> Card:
    try:
        card: Card = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON: {error}") from None
    return card
