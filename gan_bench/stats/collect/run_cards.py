"""The cards of a study's runs in one JSON file, written and read one at a time: all of them may not fit into memory."""

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
from gan_bench.stats.collect.run_files import Found

Card = dict[str, Any]
Key = tuple[str, str, int]

#: Bytes that are read at once.
CHUNK = 1 << 23
#: How a list of cards begins and a card ends as `card_stream` writes them, and a card's own keys in their lines.
_WORDS = {None: "null", True: "true", False: "false"}
_TEXT = json.encoder.encode_basestring_ascii
_HEAD = b"[\n {"
_END = re.compile(rb"\n }(?=,\n|\n\])")
_KEY = re.compile(rb'\n  "(dataset|cell|seed)": ([^\n]*?),?(?=\n)')


def card_of(run: Found) -> Card:
    """Key, status, settings and documents of a run."""
    settings = {**run.asked.settings, "seed": run.asked.seed}
    documents = {"settings": settings, "status_document": run.status_document, "collapse": run.collapse}
    return {**run.asked.key, "status": run.status, **documents}


@contextmanager
def card_stream(path: Path) -> Iterator[Callable[[Card], None]]:
    """Yield what takes cards; the file is that of `write_json` of their list, and there when the block succeeds."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        between = itertools.chain(["[\n "], itertools.repeat(",\n "))

        def put(card: Card) -> None:
            stream.write(next(between) + laid_out(card, " "))

        yield put
        stream.write("[]\n" if next(between).startswith("[") else "\n]\n")


def laid_out(value: Any, indent: str = "") -> str:
    """The text of `json.dumps(value, indent=1, sort_keys=True, allow_nan=False)`, which takes twice as long.

    `indent`: of the line that it begins in. For values that JSON can hold; ValueError for NaN and infinity.
    """
    kind = type(value)
    if kind is str:
        return _TEXT(value)
    if kind is int or (kind is float and math.isfinite(value)):
        return repr(value)
    inner = indent + " "
    if kind is dict and value:
        lines = [f"{inner}{_TEXT(name)}: {laid_out(value[name], inner)}" for name in sorted(value)]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if kind in (list, tuple) and value:
        return "[\n" + ",\n".join([inner + laid_out(one, inner) for one in value]) + f"\n{indent}]"
    return _WORDS[value] if value is None or kind is bool else json.dumps(value, allow_nan=False)


def each_card(path: Path) -> Iterator[Card]:
    """The cards of a file, in its order, one at a time. UserError for a missing or damaged file."""
    if not _ours(path):
        yield from read_json(path)
        return
    for _, text in _texts(path):
        yield _parsed(path, text)


class Cards(Mapping[Key, Card]):
    """(dataset, cell, seed) -> card, each read from the file when it is asked for; in the order of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole: dict[Key, Card] = {}
        self._places: dict[Key, tuple[int, int]] = {}
        self._last: tuple[Key, Card] | None = None
        if not _ours(path):
            self._whole = {(card["dataset"], card["cell"], card["seed"]): card for card in read_json(path)}
            return
        for begin, text in _texts(path):
            found = {name: json.loads(value) for name, value in _KEY.findall(text)}
            self._places[found[b"dataset"], found[b"cell"], found[b"seed"]] = begin, len(text)

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


def _ours(path: Path) -> bool:
    """Whether a file begins as `card_stream` lays it out; another layout of the same JSON is read as a whole."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(_HEAD)) == _HEAD


def _texts(path: Path) -> Iterator[tuple[int, bytes]]:
    """Where each card begins, and its text. UserError where the file ends within one."""
    with path.open("rb") as stream:
        begin = stream.seek(len(_HEAD) - 2)
        rest = b""
        while more := stream.read(CHUNK):
            rest, last = rest + more, 0
            for found in _END.finditer(rest):
                yield begin + last, rest[last : found.end()]
                # What stands between two cards, or the line break before the end of the list.
                last = found.end() + 1
            rest, begin = rest[last:], begin + last
    if rest != b"]\n":
        read_json(path)
        raise UserError(f"{path}: not laid out as it was written; collect the study's runs again.")


def _parsed(path: Path, text: bytes) -> Card:
    try:
        card: Card = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON: {error}") from None
    return card
