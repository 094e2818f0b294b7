"""JSON lines, with one object in each line: StyleGAN's stats.jsonl, and the histories of many other programs.

If a value is an object with the key "mean", such as {"num", "mean", "std"}, the value of this key is read.
"""

import json
from typing import Any

from gan_bench.errors import UserError
from gan_bench.logs.flatten import table_of_records
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source

NAME = "JSON lines"


def score(source: Source) -> float:
    lines = [line for line in source.first_lines[:20] if line.strip()]
    objects = [isinstance(_object(line), dict) for line in lines[:2]]
    named = source.suffix == ".jsonl"
    return 0.9 if objects[:1] == [True] and (named or objects == [True, True]) else 0.0


def read(source: Source) -> Table:
    records = []
    for number, line in enumerate(source.text.splitlines(), 1):
        if line.strip():
            record = _object(line)
            if not isinstance(record, dict):
                raise UserError(f"{source.path}: line {number} is not a JSON object: {line.strip()[:60]!r}.")
            records.append(record)
    return table_of_records(records, "JSON, an object a line")


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
