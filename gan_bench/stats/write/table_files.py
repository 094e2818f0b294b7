"""Write and read whole tables. Equal content gives equal bytes."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import IO

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.files import atomic_path
from gan_bench.former_names import FORMER
from gan_bench.stats.write.names import WHOLE, WORDS


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: one header line, empty fields for missing values, floats as their shortest exact text."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def write_csv_parts(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """Write the parts of a table to one CSV file, as `write_csv` writes the table. One part is in memory at a time."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for i, part in enumerate(parts):
            part.to_csv(stream, index=False, lineterminator="\n", header=i == 0)


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table as parquet, without its index."""
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_csv(path: Path | IO[bytes], columns: Collection[str] | None = None) -> pd.DataFrame:
    """Read a table that `write_csv` wrote. Only an empty field is a missing value, because "NA" may be a label.

    Former names of metrics are replaced by the current names.

    Args:
        path: the CSV file, or its open content.
        columns: columns to read, some of which may be absent; None for all.

    Raises:
        UserError: if there is no such file.
    """
    wanted = None if columns is None else lambda name: name in columns
    try:
        table = pd.read_csv(
            path,
            keep_default_na=False,
            na_values=[""],
            dtype=dict.fromkeys(WORDS, "str"),
            usecols=wanted,
            low_memory=False,  # otherwise the type of a column is inferred separately for each block of the file
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; collect the study's runs first.") from None
    if "metric" in table:
        table["metric"] = table["metric"].replace(FORMER)
    return whole_numbers(table)


def whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The table with nullable integers in those columns that WHOLE names."""
    return table.astype({name: "Int64" for name in WHOLE if name in table.columns})
