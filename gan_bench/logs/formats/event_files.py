"""TensorBoard event files, read without TensorBoard. For a folder, all event files in it and below it are read.

An event file is a sequence of TFRecords: length (8 bytes, little endian), checksum of the length (4 bytes), data,
checksum of the data (4 bytes). The data are a protocol buffer `Event` (tensorflow/core/util/event.proto). These fields
are read:

- of an Event: field 2, the step, and field 5, the summary;
- of a summary: field 1, a value, which may occur several times;
- of a value: field 1, the tag, and the number, which is in field 2 (simple_value, float) or field 8 (tensor).

Checksums are not verified. A record that is longer than the rest of the file is an error, unless the file is still
being written.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.names import meaning
from gan_bench.logs.source import Source

NAME = "TensorBoard event files and folders of them"
MARK = "tfevents"

#: Wire types of protocol buffers.
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

#: Number of a tensor's data type (float, double) -> format of `struct`. Other types are not read.
KINDS = {1: "<f", 2: "<d"}


def score(source: Source) -> float:
    if source.path.is_dir():
        return 1.0 if event_files(source.path) else 0.0
    return 1.0 if is_events(source.path) or b"brain.Event:" in source.head[:64] else 0.0


def is_events(path: Path) -> bool:
    return MARK in path.name


def event_files(folder: Path) -> list[Path]:
    """The event files in and below a folder, sorted by path.

    TensorBoard's own file names contain the time, so the files of a resumed run are in the order of time.
    """
    return sorted(path for path in folder.rglob(f"*{MARK}*") if path.is_file())


def read(source: Source) -> Table:
    """A row for each step, and a column for each tag. `_shortened` gives the columns short names.

    SummaryWriter.add_scalars writes each curve to a separate subfolder. So tags from a subfolder get the name of the
    subfolder in front, as in "loss_D/train".
    """
    scalars_by_step: dict[int, dict[str, float]] = {}
    files = event_files(source.path) if source.path.is_dir() else [source.path]
    for file in files:
        below = file.parent.relative_to(source.path).as_posix() if source.path.is_dir() else "."
        for step, scalars in read_events(file, growing=source.growing).items():
            named = scalars if below == "." else {f"{below}/{tag}": number for tag, number in scalars.items()}
            scalars_by_step.setdefault(step, {}).update(named)
    steps = sorted(scalars_by_step)
    tags = dict.fromkeys(tag for step in steps for tag in scalars_by_step[step])
    columns = {tag: [scalars_by_step[step].get(tag) for step in steps] for tag in tags if meaning(tag).kind != "step"}
    return Table({"step": np.array(steps), **_shortened(columns)}, f"TensorBoard, {len(files)} event file(s)")


def _shortened(columns: dict[str, list[float | None]]) -> dict[str, list[float | None]]:
    """Shorten "train/d_loss" to "d_loss" if no other tag has the last part "d_loss".

    A tag stays unchanged if its last part does not name a loss or signal.
    """
    ends = [tag.rpartition("/")[2] for tag in columns]
    return {
        end if ends.count(end) == 1 and meaning(end).kind in ("loss", "signal") else tag: values
        for end, (tag, values) in zip(ends, columns.items(), strict=True)
    }


def read_events(path: Path, *, growing: bool = False) -> dict[int, dict[str, float]]:
    """Step -> tag -> number, sorted by step. If a tag is logged twice at one step, the last value counts.

    growing: whether the file is still being written. If so, an incomplete last record is left out.

    Raises:
        UserError: the file is not of this format; or it ends within a record, and `growing` is false.
    """
    try:
        scalars_by_step: dict[int, dict[str, float]] = {}
        for record in _records(path.read_bytes(), growing):
            step, scalars = _event(record)
            if scalars:
                scalars_by_step.setdefault(step, {}).update(scalars)
    except (ValueError, struct.error, IndexError) as error:
        raise UserError(f"{path}: not a readable event file: {error}.") from None
    return dict(sorted(scalars_by_step.items()))


def _records(data: bytes, growing: bool) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        if growing and (at + 12 > len(data) or at + 16 + struct.unpack_from("<Q", data, at)[0] > len(data)):
            return
        if at + 12 > len(data):
            raise ValueError(f"it ends within a record, at byte {at}")
        (length,) = struct.unpack_from("<Q", data, at)
        end = at + 12 + length
        if end + 4 > len(data):
            raise ValueError(f"a record at byte {at} is longer than the file")
        yield data[at + 12 : end]
        at = end + 4


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """(field, wire type, value) of each field of a message. A value is an int for VARINT and bytes for other types."""
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
            scalars.update(scalar for part in _messages(value, 1) if (scalar := _scalar(part)) is not None)
    return step, scalars


def _messages(data: bytes, number: int) -> Iterator[bytes]:
    """The messages in field `number` of `data`."""
    for field, _, value in _fields(data):
        if field == number and isinstance(value, bytes):
            yield value


def _scalar(data: bytes) -> tuple[str, float] | None:
    """Tag and number of a summary value; None if the value is no single number, but for example an image."""
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
    """Value of a tensor with one float or double; None for any other tensor.

    The value is in field tensor_content (4), float_val (5) or double_val (6).
    """
    layout, content = None, b""
    for field, kind, value in _fields(data):
        if field == 1 and isinstance(value, int):
            layout = KINDS.get(value)
        elif ((field == 4 and kind == BYTES) or field in (5, 6)) and isinstance(value, bytes):
            content = value
    if layout is None or len(content) != struct.calcsize(layout):
        return None
    return float(struct.unpack(layout, content)[0])
