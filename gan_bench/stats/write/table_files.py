"""Tables written and read the same way everywhere, so that equal content is equal bytes."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.files import atomic_path
from gan_bench.stats.write.names import WHOLE, WORDS


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Comma-separated, one header line, empty cells for missing values, the shortest text that gives a float back."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def write_csv_parts(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """The file of `write_csv` of the parts, one below the other; only one of them is held at a time."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for i, part in enumerate(parts):
            part.to_csv(stream, index=False, lineterminator="\n", header=i == 0)


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_csv(path: Path, columns: Collection[str] | None = None) -> pd.DataFrame:
    """A table that `write_csv` wrote; only an empty cell is a missing value ("NA" may be a label).

    `columns`: those that are read, where they are there; None for all.
    """
    wanted = None if columns is None else lambda name: name in columns
    try:
        table = pd.read_csv(
            path,
            keep_default_na=False,
            na_values=[""],
            dtype=dict.fromkeys(WORDS, "str"),
            usecols=wanted,
            low_memory=False,  # else the type of a column is guessed anew every megabyte
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; collect the study's runs first.") from None
    return whole_numbers(table)


def whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of whole numbers as such, also where some are missing."""
    return table.astype({name: "Int64" for name in WHOLE if name in table.columns})
