"""A CSV file for each run, seedN.csv: one row for each step that has values."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.files import atomic_path

EXTRA = None
MODULE = None


class Writer:
    """Collects the rows of a run, and writes the whole file at each flush."""

    def __init__(self, path: Path) -> None:
        self.file = path.with_name(f"{path.name}.csv")
        self.rows: dict[int, dict[str, float]] = {}

    def add(self, step: int, values: Mapping[str, float], time: float) -> None:
        self.rows.setdefault(step, {}).update(values)

    def picture(self, step: int, image: Any, time: float) -> None:
        """Does nothing: a CSV file has no pictures."""

    def flush(self) -> None:
        names = dict.fromkeys(name for values in self.rows.values() for name in values)
        with atomic_path(self.file) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, ["step", *names], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows({"step": step, **values} for step, values in sorted(self.rows.items()))

    def close(self) -> None:
        self.flush()
