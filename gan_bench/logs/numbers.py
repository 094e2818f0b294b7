"""Converts cells of a log to numbers."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gan_bench.errors import UserError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A number in brackets, such as "tensor(0.5)", or a percentage. Of several numbers in brackets, the first is read.
_WRAPPED = re.compile(r"(?:tensor)?[(\[]+\s*([-+.\deEnaif]+)\s*(?:[,\])].*)?|([-+.\deE]+)\s*%")
_NAN = ("nan", "+nan", "-nan")


def numbers(path: Path, name: str, cells: Any) -> tuple[Array, Mask]:
    """A column as float64, and the mask of its empty cells (None or blank text; NaN is not empty).

    Raises:
        UserError: a cell is not a number; the message names the first such cell.
    """
    column = pd.Series(cells, dtype=object) if isinstance(cells, list) else pd.Series(cells)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        if pd.api.types.is_complex_dtype(column.dtype):
            raise _not_a_number(path, name, 0, column.iloc[0])
        return column.to_numpy(dtype=np.float64), np.zeros(len(column), dtype=bool)
    text = column.map(lambda cell: "" if cell is None else str(cell).strip())
    values = pd.to_numeric(text, errors="coerce").astype(np.float64).to_numpy(copy=True)
    empty = np.array(text == "", dtype=bool)
    unread = np.flatnonzero(np.isnan(values) & ~empty & ~np.array(text.str.lower().isin(_NAN)))
    for row in unread:
        match = _WRAPPED.fullmatch(text.iloc[row])
        try:
            values[row] = float(match.group(1)) if match and match.group(1) else float(match.group(2)) / 100  # type: ignore[union-attr]
        except (ValueError, TypeError, AttributeError):
            raise _not_a_number(path, name, int(row), text.iloc[row]) from None
    return np.asarray(values, dtype=np.float64), empty


def _not_a_number(path: Path, name: str, row: int, cell: object) -> UserError:
    return UserError(f"{path}: column {name!r}, data row {row + 1} holds {str(cell)!r}, not a number.")
