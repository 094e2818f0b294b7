"""Reading a history from a file: finds the columns, checks the numbers, sorts the rows by step."""

import contextlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gan_bench.collapse.events import is_events, read_events
from gan_bench.collapse.normalisation import COLUMNS
from gan_bench.collapse.trajectory import LOSSES, OPTIONAL
from gan_bench.errors import UserError

MIN_ROWS = 10
#: Steps may be stored as float64, which is exact for integers up to this.
MAX_STEP = 2**53
#: Squares of larger numbers overflow.
MAX_VALUE = 1e150
REQUIRED = ("step", *LOSSES)
#: Columns that are read if present; all others are ignored.
EXTRA = tuple(dict.fromkeys((*OPTIONAL, *COLUMNS["diversity"], "penalty")))

SINGLE_THREAD = pacsv.ReadOptions(use_threads=False)


def read_history(path: Path | str, columns: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Columns step, d_loss, g_loss and any of EXTRA, sorted by step; and notes on what was changed.

    Not finite losses: the text "nan" or "inf", any null of a parquet file, and values above 1e150 in size (with a
    note). Empty cells of a CSV count as such only if they reach to the last row, as pandas writes NaN (with a note); an
    empty cell with numbers below it is refused. Rows out of order are sorted, with a note. Repeated steps are refused,
    because it is not known which row counts.

    Args:
        columns: our column name -> the file's, where they differ.

    Raises:
        UserError: a required column is missing or occurs twice, a cell is not a number, a step is not an integer of at
            most 2**53, or there are fewer than ten rows.
    """
    path, notes = Path(path), list[str]()
    if not is_events(path) and path.suffix.lower() not in (".csv", ".parquet"):
        kind = path.suffix.lower() or "a file without a suffix"
        raise UserError(f"{path}: a history is a .csv, .parquet or TensorBoard event file, not {kind!r}.")
    if not path.is_file():
        raise UserError(f"{path}: no such file.")
    history = None
    if path.suffix.lower() == ".csv" and not columns and not is_events(path):
        history = _read_fast(path, notes)
    if history is None:
        history = _read_checked(path, columns or {}, notes)
    steps = history["step"]
    if not steps.is_monotonic_increasing:
        history = history.sort_values("step", ignore_index=True)
        notes.append("The rows were not in the order of steps; they were sorted.")
    return _clip_to_infinity(history, notes), notes


def _clip_to_infinity(history: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Values beyond MAX_VALUE become infinite in losses and NaN in other columns."""
    for name in history.columns.drop("step"):
        beyond = np.isfinite(history[name]) & (history[name].abs() > MAX_VALUE)
        if beyond.any():
            notes.append(f"{name} is above {MAX_VALUE:g} in size in {int(beyond.sum())} rows, read as not finite.")
            history[name] = history[name].where(~beyond, np.inf if name in LOSSES else np.nan)
    return history


def _read_fast(path: Path, notes: list[str]) -> pd.DataFrame | None:
    """A regular CSV, read five times as fast as by `_read_checked`; None if it has anything unusual."""
    content = path.read_bytes()
    names = _header(content)
    # Given types: guessing them takes longer than reading.
    types = {name: pa.int64() if name == "step" else pa.float64() for name in names}
    options = pacsv.ConvertOptions(null_values=[""], include_columns=names, column_types=types)
    try:
        table = pacsv.read_csv(pa.BufferReader(content), read_options=SINGLE_THREAD, convert_options=options)
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    if not names or len(table) < MIN_ROWS or table.column("step").null_count:
        return None
    columns, tail_notes = {}, list[str]()
    for name in names:
        column = table.column(name)
        columns[name] = column.to_numpy()
        if column.null_count and name in LOSSES and _missing_cells(column.is_null().to_numpy(), name, tail_notes).any():
            return None
    steps = columns["step"]
    if (np.diff(steps) <= 0).any() and len(np.unique(steps)) < len(steps):
        return None
    if np.abs(steps[[steps.argmin(), steps.argmax()]].astype(np.float64)).max() > MAX_STEP:
        return None
    notes += tail_notes
    return pd.DataFrame(columns)


def _header(content: bytes) -> list[str]:
    """The columns to read, from the header; none if a required column is missing or any name occurs twice."""
    line = content.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    names = [name[1:-1] if name[:1] == name[-1:] == '"' else name for name in line.split(",")]
    complete = set(REQUIRED) <= set(names) and len(set(names)) == len(names)
    return [name for name in (*REQUIRED, *EXTRA) if name in names] if complete else []


def _missing_cells(blank: NDArray[np.bool_], name: str, notes: list[str]) -> NDArray[np.bool_]:
    """Mask of a loss's empty cells that have numbers below them; adds a note if cells are empty up to the last row."""
    ends = int(np.flatnonzero(~blank).max(initial=-1)) + 1
    if blank[ends:].any():
        notes.append(f"{name} is empty from data row {ends + 1} on, which was read as not finite.")
    return blank & (np.arange(len(blank)) < ends)


def _read_checked(path: Path, columns: Mapping[str, str], notes: list[str]) -> pd.DataFrame:
    table = _read(path, notes)
    table.columns = [str(name).strip() for name in table.columns]
    table = _renamed(path, table, columns)
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        names = ", ".join(map(str, table.columns)) or "none"
        raise UserError(
            f"{path}: no column {', '.join(map(repr, missing))}; step, d_loss and g_loss are needed, found: {names}."
        )
    if len(table) < MIN_ROWS:
        raise UserError(f"{path}: {len(table)} rows are too few to judge; at least {MIN_ROWS} are needed.")
    duplicates = [name for name in (*REQUIRED, *EXTRA) if (table.columns == name).sum() > 1]
    if duplicates:
        raise UserError(f"{path}: column {duplicates[0]!r} appears twice.")
    history = pd.DataFrame({name: _numbers(path, table[name], notes) for name in (*REQUIRED, *EXTRA) if name in table})
    history["step"] = _steps(path, history["step"])
    return history


def _renamed(path: Path, table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table with our names for the columns that `columns` lists."""
    for name, log_name in columns.items():
        if name not in (*REQUIRED, *EXTRA):
            raise UserError(f"--columns: unknown signal {name!r}; valid: {', '.join((*REQUIRED, *EXTRA))}.")
        if log_name not in table.columns:
            names = ", ".join(map(str, table.columns)) or "none"
            raise UserError(f"{path}: no column {log_name!r}, which --columns names for {name!r}; found: {names}.")
        table = table.drop(columns=name, errors="ignore").rename(columns={log_name: name})
    return table


def _read(path: Path, notes: list[str]) -> pd.DataFrame:
    """All columns; those of a CSV as text, so that an empty cell and "nan" stay different."""
    if is_events(path):
        return _events(path, notes)
    try:
        if path.suffix.lower() == ".csv":
            return _csv(path)
        frame = pq.ParquetFile(path).read().to_pandas()
        return frame.reset_index() if frame.index.name else frame
    except UserError:
        raise
    # Damaged files make pyarrow raise many kinds of errors: OSError without errno, KeyError, ...
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError(f"{path}: not a readable {path.suffix[1:]} file: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _csv(path: Path) -> pd.DataFrame:
    """All cells as text, under the names of the header; pandas would rename duplicates."""
    options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig", "index_col": False}
    names = [str(name) for name in pd.read_csv(path, header=None, nrows=1, **options).iloc[0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(path, header=0, names=range(len(names)), **options)
        except pd.errors.ParserWarning:  # a comma at the end of each row adds an empty cell
            table = _drop_empty_last_column(path, len(names), options)
    table.columns = names
    return table


def _drop_empty_last_column(path: Path, count: int, options: dict[str, Any]) -> pd.DataFrame:
    """The first `count` columns, if each row has one more cell and it is empty."""
    with contextlib.suppress(pd.errors.ParserWarning):
        table = pd.read_csv(path, header=0, names=range(count + 1), **options)
        if not table.pop(count).any():
            return table
    raise UserError(f"{path}: rows have more cells than the header has names.")


def _events(path: Path, notes: list[str]) -> pd.DataFrame:
    """Table of the tags by their last part ("train/d_loss" is d_loss), at the steps with the most losses logged."""
    tags_by_step = {
        step: {**tags, **{tag.rsplit("/", 1)[-1]: number for tag, number in tags.items()}}
        for step, tags in read_events(path).items()
    }
    most = max((sum(name in tags for name in LOSSES) for tags in tags_by_step.values()), default=0)
    complete = {step: tags for step, tags in tags_by_step.items() if sum(name in tags for name in LOSSES) == most}
    if len(complete) < len(tags_by_step):
        notes.append(f"{len(tags_by_step) - len(complete)} steps without both losses were left out.")
    table = pd.DataFrame.from_dict(complete, orient="index")
    table.insert(0, "step", list(complete))
    return table.reset_index(drop=True)


def _numbers(path: Path, column: pd.Series, notes: list[str]) -> pd.Series:
    """A column as float64. UserError names the first cell that is not a number, or is empty where it must not be."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(np.float64)
    text = column.map(lambda cell: "" if cell is None else str(cell).strip())
    numbers = pd.to_numeric(text, errors="coerce").astype(np.float64)
    blank = np.array(text == "")
    if column.name in LOSSES and blank.any():
        blank = _missing_cells(blank, str(column.name), notes)
    may_be_blank = column.name in EXTRA or (column.name in LOSSES and not blank.any())
    invalid = np.array(numbers.isna() & ~text.str.lower().isin(["nan", "+nan", "-nan"]))
    invalid &= np.array(text != "") | (blank & (not may_be_blank))
    if invalid.any():
        row = int(np.flatnonzero(invalid)[0])
        problem = "is empty; log both losses in every row" if blank[row] else f"holds {text[row]!r}, not a number"
        raise UserError(f"{path}: column {column.name!r}, data row {row + 1} {problem}.")
    return numbers


def _steps(path: Path, steps: pd.Series) -> pd.Series:
    if not np.isfinite(steps).all() or (steps != np.floor(steps)).any() or (steps.abs() > MAX_STEP).any():
        raise UserError(f"{path}: column 'step' must hold whole numbers, of at most 2**53 in size.")
    if steps.duplicated().any():
        first = int(steps[steps.duplicated()].iloc[0])
        raise UserError(f"{path}: step {first} appears more than once; keep one row per step.")
    return steps.astype(np.int64)
