"""Tables written and read the same way everywhere, so that equal content is equal bytes."""

from pathlib import Path

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.files import atomic_path
from gan_bench.stats.names import WHOLE, WORDS


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Comma-separated, one header line, empty cells for missing values, the shortest text that gives a float back."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_csv(path: Path) -> pd.DataFrame:
    """A table that `write_csv` wrote; only an empty cell is a missing value ("NA" may be a label)."""
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(WORDS, "str"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; collect the study's runs first.") from None
    return whole_numbers(table)


def whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of whole numbers as such, also where some are missing."""
    return table.astype({name: "Int64" for name in WHOLE if name in table.columns})
