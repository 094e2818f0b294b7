"""Fast reader for CSV files that have this suite's column names and no irregular rows.

`read.read_logs` has a general reader for all other files. The fast reader is 5 times as fast for 200 rows, and 25 times
as fast for 100,000 rows.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from gan_bench.logs.log import LOSSES, OWN_NAMES
from gan_bench.logs.names import meaning
from gan_bench.logs.source import Source
from gan_bench.logs.steps import MAX_STEP

SINGLE_THREAD = pacsv.ReadOptions(use_threads=False)


def read_fast_csv(source: Source) -> tuple[pd.DataFrame, list[str]] | None:
    """History, sorted by step, and notes; None if only the general reader can read the file.

    The general reader is needed in these cases:

    - The header lacks the step or a loss, or has a name twice.
    - A column of D's outputs has a name from another program, such as "D(x)".
    - There are no rows, or a row has too many or too few cells.
    - A cell of a column in OWN_NAMES is not a number, or a loss or step is empty.
    - A step is repeated, is not an integer, or has an absolute value above MAX_STEP.
    """
    names = _header(source.head)
    if not names:
        return None
    # Types are given, because guessing them would take longer than reading the file.
    types = {name: pa.int64() if name == "step" else pa.float64() for name in names}
    options = pacsv.ConvertOptions(null_values=[""], include_columns=names, column_types=types)
    try:
        table = pacsv.read_csv(pa.BufferReader(source.content), read_options=SINGLE_THREAD, convert_options=options)
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    if not len(table) or any(table.column(name).null_count for name in ("step", *LOSSES)):
        return None
    history = pd.DataFrame({name: table.column(name).to_numpy() for name in names})
    steps, notes = history["step"].to_numpy(), list[str]()
    if np.abs(steps[[steps.argmin(), steps.argmax()]].astype(np.float64)).max() > MAX_STEP:
        return None
    if (np.diff(steps) <= 0).any():
        if len(np.unique(steps)) < len(steps):
            return None
        history = history.sort_values("step", ignore_index=True)
        notes.append("The rows were not in the order of steps; they were sorted.")
    return history, notes


def _header(head: bytes) -> list[str]:
    """The columns to read, as the header names them; empty if the header needs the general reader."""
    line = head.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    names = [name[1:-1] if name[:1] == name[-1:] == '"' else name for name in line.split(",")]
    complete = {"step", *LOSSES} <= set(names) and len(set(names)) == len(names)
    complete = complete and not any(meaning(name).kind == "output" for name in names)
    return [name for name in OWN_NAMES if name in names] if complete else []
