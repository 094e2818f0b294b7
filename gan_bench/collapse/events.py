"""Scalars of a TensorBoard event file, read without TensorBoard.

The file is a sequence of TFRecords: length (8 bytes, little endian), its checksum (4), data, their checksum (4); the
data are a protocol buffer `Event` (tensorflow/core/util/event.proto): step in field 2, summary in field 5, whose values
(field 1) have a tag (1) and a number in simple_value (2, float) or tensor (8). Checksums are not verified: a length
that does not fit is named.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from gan_bench.errors import UserError

MARK = "tfevents"

#: Wire types of protocol buffers.
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

#: Numbers of the data types of a tensor that may hold a scalar, and their layout.
KINDS = {1: "<f", 2: "<d"}


def is_events(path: Path) -> bool:
    return MARK in path.name


def read_events(path: Path) -> dict[int, dict[str, float]]:
    """Step -> tag -> number, in the order of steps; a tag logged twice at a step counts last.

    UserError for a file that is not of this format or is cut within a record.
    """
    try:
        found: dict[int, dict[str, float]] = {}
        for record in _records(path.read_bytes()):
            step, scalars = _event(record)
            if scalars:
                found.setdefault(step, {}).update(scalars)
    except (ValueError, struct.error, IndexError) as error:
        raise UserError(f"{path}: not a readable event file: {error}.") from None
    return dict(sorted(found.items()))


def _records(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            raise ValueError(f"it ends within a record, at byte {at}")
        (length,) = struct.unpack_from("<Q", data, at)
        end = at + 12 + length
        if end + 4 > len(data):
            raise ValueError(f"a record at byte {at} is longer than the file")
        yield data[at + 12 : end]
        at = end + 4


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """(field, wire type, value) of a message; fixed widths as their bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield field, kind, value
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"a field of unknown type {kind}")
        if at + size > len(data):
            raise ValueError("a field is longer than its message")
        yield field, kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _event(record: bytes) -> tuple[int, dict[str, float]]:
    step, scalars = 0, dict[str, float]()
    for field, _, value in _fields(record):
        if field == 2 and isinstance(value, int):
            step = value
        elif field == 5 and isinstance(value, bytes):
            scalars.update(found for part in _messages(value, 1) if (found := _scalar(part)) is not None)
    return step, scalars


def _messages(data: bytes, wanted: int) -> Iterator[bytes]:
    for field, _, value in _fields(data):
        if field == wanted and isinstance(value, bytes):
            yield value


def _scalar(data: bytes) -> tuple[str, float] | None:
    """Tag and number of a summary's value; None for pictures, histograms and text."""
    tag, number = "", None
    for field, kind, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            tag = value.decode("utf-8", "replace")
        elif field == 2 and kind == FIXED32 and isinstance(value, bytes):
            (number,) = struct.unpack("<f", value)
        elif field == 8 and isinstance(value, bytes):
            number = _tensor(value)
    return None if number is None else (tag, float(number))


def _tensor(data: bytes) -> float | None:
    """A tensor of one float or double: in tensor_content (4), float_val (5) or double_val (6)."""
    layout, held = None, b""
    for field, kind, value in _fields(data):
        if field == 1 and isinstance(value, int):
            layout = KINDS.get(value)
        elif ((field == 4 and kind == BYTES) or field in (5, 6)) and isinstance(value, bytes):
            held = value
    if layout is None or len(held) != struct.calcsize(layout):
        return None
    return float(struct.unpack(layout, held)[0])
