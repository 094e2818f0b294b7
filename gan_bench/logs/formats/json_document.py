"""JSON documents: a list of records, as Chainer logs it, or an object with a list for each name, as in Keras."""

import json
from typing import Any

from gan_bench.errors import UserError
from gan_bench.logs.flatten import table_of_records
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source

NAME = "JSON"


def score(source: Source) -> float:
    start = source.first_text.lstrip()[:1]
    if start not in ("[", "{"):
        return 0.0
    if source.suffix == ".json":
        return 0.8
    try:
        json.loads(source.text)
    except (ValueError, UserError):
        return 0.0
    return 0.8


def read(source: Source) -> Table:
    try:
        document = json.loads(source.text)
    except ValueError as error:
        raise UserError(f"{source.path}: not a readable JSON file: {error}.") from None
    records = _records(document)
    if records is not None:
        return table_of_records(records, "JSON, a list of records")
    columns = _columns(document)
    if columns:
        return Table(columns, "JSON, a list for each name")
    raise UserError(f"{source.path}: the JSON holds neither a list of records nor a list of numbers for each name.")


def _records(document: Any) -> list[dict[str, Any]] | None:
    """The records of a document; None if it has no list of objects.

    They are the document itself if it is a list of objects. Otherwise, they are the longest list of objects among the
    document's values, such as the value of "log_history".
    """
    if isinstance(document, list):
        return document if document and all(isinstance(record, dict) for record in document) else None
    inner = [records for value in document.values() if (isinstance(value, list) and (records := _records(value)))]
    return max(inner, key=len, default=None)


def _columns(document: Any, prefix: str = "") -> dict[str, list[Any]]:
    """Name -> list of cells. Only the lists of the most frequent length are returned."""
    if not isinstance(document, dict):
        return {}
    lists = dict[str, list[Any]]()
    for name, value in document.items():
        if isinstance(value, dict) and value and all(key.isdigit() for key in value):  # a column written by pandas
            lists[f"{prefix}{name}"] = list(value.values())
        elif isinstance(value, dict):
            lists |= _columns(value, f"{prefix}{name}/")
        elif isinstance(value, list) and (cells := _cells(value)) is not None:
            lists[f"{prefix}{name}"] = cells
    lengths = [len(cells) for cells in lists.values()]
    common = max(set(lengths), key=lambda length: (lengths.count(length), length), default=0)
    return {name: cells for name, cells in lists.items() if len(cells) == common}


def _cells(value: list[Any]) -> list[Any] | None:
    """The cells of a column, from a JSON list; None if the list is of another kind.

    These kinds of lists are read:

    - values: [0.5, 0.4] is returned unchanged;
    - pairs of a step and a value, with increasing whole steps: [[10, 0.5], [20, 0.4]] -> [0.5, 0.4];
    - lists of values, for example a list for each epoch: [[0.5, 0.4], [0.3]] -> [0.5, 0.4, 0.3].
    """
    if not any(isinstance(cell, list | dict) for cell in value):
        return value
    if not all(isinstance(cell, list) and not any(isinstance(x, list | dict) for x in cell) for cell in value):
        return None
    steps = [cell[0] for cell in value if len(cell) == 2]
    if len(steps) == len(value) and all(isinstance(step, int) for step in steps) and steps == sorted(set(steps)):
        return [cell[1] for cell in value]
    return [x for cell in value for x in cell]
