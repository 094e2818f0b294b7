"""Converts nested records to a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.logs.log import Table


def table_of_records(records: Sequence[Mapping[str, Any]], format_words: str) -> Table:
    """A table with a row for each record and a column for each name. A name that a record lacks is an empty cell."""
    flat = [_flat(record) for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    return Table({name: [record.get(name) for record in flat] for name in names}, format_words)


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Column -> value, from nested objects and lists.

    Nested keys are joined: {"loss": {"D": 0.5}} -> {"loss/D": 0.5}. An object with the key "mean" is replaced by the
    value of this key: {"D": {"mean": 0.5, "std": 0.1}} -> {"D": 0.5}. Elements of a list are named by index:
    {"D": [0.2, 0.3]} -> {"D 0": 0.2, "D 1": 0.3}. Lists of more than 8 elements are left out.
    """
    flat = dict[str, Any]()
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if "mean" in value:
                flat[name] = value["mean"]
            else:
                flat |= _flat(value, f"{name}/")
        elif isinstance(value, list):
            flat |= _flat({str(index): part for index, part in enumerate(value)}, f"{name} ") if len(value) <= 8 else {}
        else:
            flat[name] = value
    return flat
