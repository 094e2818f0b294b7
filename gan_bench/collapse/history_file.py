"""Reading a history from a file: columns found, numbers checked, rows in the order of steps."""

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

LEAST_ROWS = 10
#: Whole numbers up to here are exact as float64, which steps may have been written as.
LAST_STEP = 2**53
#: Larger numbers have squares that are none.
LARGEST = 1e150
NEEDED = ("step", *LOSSES)
#: Columns that are read where they are there; what else is in a file is not looked at.
MORE = tuple(dict.fromkeys((*OPTIONAL, *COLUMNS["diversity"], "penalty")))

AT_ONCE = pacsv.ReadOptions(use_threads=False)


def read_history(path: Path | str, columns: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Columns step, d_loss, g_loss and any of MORE, in the order of steps; and notes.

    `columns`: our name -> the file's name of a column, where they differ. The text "nan" or "inf" in a loss is a loss
    that is not finite; so are empty cells of a CSV from some row to its end, as pandas writes them, with a note. An
    empty cell with numbers below it is a missing one and is refused. In parquet all are the same: a loss that is not
    finite. Rows out of order are sorted, with a note; repeated steps are refused, because which row counts is not ours
    to say. A loss above 1e150 in size is taken for one that is not finite, with a note. UserError for columns that are
    missing or there twice, for text that is no number, for steps that are not whole numbers up to 2**53, and
    for fewer than ten rows.
    """
    path, notes = Path(path), list[str]()
    if not is_events(path) and path.suffix.lower() not in (".csv", ".parquet"):
        kind = path.suffix.lower() or "a file without a suffix"
        raise UserError(f"{path}: a history is a .csv, .parquet or TensorBoard event file, not {kind!r}.")
    if not path.is_file():
        raise UserError(f"{path}: no such file.")
    history = None
    if path.suffix.lower() == ".csv" and not columns and not is_events(path):
        history = _plain(path, notes)
    if history is None:
        history = _careful(path, columns or {}, notes)
    steps = history["step"]
    if not steps.is_monotonic_increasing:
        history = history.sort_values("step", ignore_index=True)
        notes.append("The rows were not in the order of steps; they were sorted.")
    return _bounded(history, notes), notes


def _bounded(history: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Numbers beyond LARGEST as infinite losses, and as no number in other columns."""
    for name in history.columns.drop("step"):
        beyond = np.isfinite(history[name]) & (history[name].abs() > LARGEST)
        if beyond.any():
            notes.append(f"{name} is above {LARGEST:g} in size in {int(beyond.sum())} rows, read as not finite.")
            history[name] = history[name].where(~beyond, np.inf if name in LOSSES else np.nan)
    return history


def _plain(path: Path, notes: list[str]) -> pd.DataFrame | None:
    """A CSV with little unusual in it, read five times as fast; None for any other, which is read with care."""
    content = path.read_bytes()
    wanted = _header(content)
    # Types that are known need not be guessed, which takes longer than reading.
    types = {name: pa.int64() if name == "step" else pa.float64() for name in wanted}
    form = pacsv.ConvertOptions(null_values=[""], include_columns=wanted, column_types=types)
    try:
        table = pacsv.read_csv(pa.BufferReader(content), read_options=AT_ONCE, convert_options=form)
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    if not wanted or len(table) < LEAST_ROWS or table.column("step").null_count:
        return None
    found, said = {}, list[str]()
    for name in wanted:
        column = table.column(name)
        found[name] = column.to_numpy()
        if column.null_count and name in LOSSES and _tail(column.is_null().to_numpy(), name, said).any():
            return None
    steps = found["step"]
    if (np.diff(steps) <= 0).any() and len(np.unique(steps)) < len(steps):
        return None
    if np.abs(steps[[steps.argmin(), steps.argmax()]].astype(np.float64)).max() > LAST_STEP:
        return None
    notes += said
    return pd.DataFrame(found)


def _header(content: bytes) -> list[str]:
    """The columns to read, by the header; none where one is missing or twice."""
    line = content.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    names = [name[1:-1] if name[:1] == name[-1:] == '"' else name for name in line.split(",")]
    whole = set(NEEDED) <= set(names) and len(set(names)) == len(names)
    return [name for name in (*NEEDED, *MORE) if name in names] if whole else []


def _tail(blank: NDArray[np.bool_], name: str, notes: list[str]) -> NDArray[np.bool_]:
    """Which cells of a loss are empty and have numbers below them; a note where cells are empty to the end."""
    ends = int(np.flatnonzero(~blank).max(initial=-1)) + 1
    if blank[ends:].any():
        notes.append(f"{name} is empty from data row {ends + 1} on, which was read as not finite.")
    return blank & (np.arange(len(blank)) < ends)


def _careful(path: Path, columns: Mapping[str, str], notes: list[str]) -> pd.DataFrame:
    table = _read(path, notes)
    table.columns = [str(name).strip() for name in table.columns]
    table = _renamed(path, table, columns)
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        have = ", ".join(map(str, table.columns)) or "none"
        raise UserError(
            f"{path}: no column {', '.join(map(repr, missing))}; step, d_loss and g_loss are needed, found: {have}."
        )
    if len(table) < LEAST_ROWS:
        raise UserError(f"{path}: {len(table)} rows are too few to judge; at least {LEAST_ROWS} are needed.")
    twice = [name for name in (*NEEDED, *MORE) if (table.columns == name).sum() > 1]
    if twice:
        raise UserError(f"{path}: column {twice[0]!r} appears twice.")
    history = pd.DataFrame({name: _numbers(path, table[name], notes) for name in (*NEEDED, *MORE) if name in table})
    history["step"] = _steps(path, history["step"])
    return history


def _renamed(path: Path, table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The table with our names for the columns that `columns` names."""
    for ours, theirs in columns.items():
        if ours not in (*NEEDED, *MORE):
            raise UserError(f"--columns: unknown signal {ours!r}; valid: {', '.join((*NEEDED, *MORE))}.")
        if theirs not in table.columns:
            have = ", ".join(map(str, table.columns)) or "none"
            raise UserError(f"{path}: no column {theirs!r}, which --columns names for {ours!r}; found: {have}.")
        table = table.drop(columns=ours, errors="ignore").rename(columns={theirs: ours})
    return table


def _read(path: Path, notes: list[str]) -> pd.DataFrame:
    """All columns; of a CSV as text, so that an empty cell and "nan" stay different."""
    if is_events(path):
        return _events(path, notes)
    try:
        if path.suffix.lower() == ".csv":
            return _csv(path)
        frame = pq.ParquetFile(path).read().to_pandas()
        return frame.reset_index() if frame.index.name else frame
    except UserError:
        raise
    # Damaged files make pyarrow raise a dozen kinds of errors: OSError without a number, KeyError, ...
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError(f"{path}: not a readable {path.suffix[1:]} file: {_line(error)}") from None


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _csv(path: Path) -> pd.DataFrame:
    """All cells as text, under the names that the header gives; pandas would rename one that is there twice."""
    how: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig", "index_col": False}
    names = [str(name) for name in pd.read_csv(path, header=None, nrows=1, **how).iloc[0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(path, header=0, names=range(len(names)), **how)
        except pd.errors.ParserWarning:  # a comma at the end of each row makes an empty cell more
            table = _one_more(path, len(names), how)
    table.columns = names
    return table


def _one_more(path: Path, count: int, how: dict[str, Any]) -> pd.DataFrame:
    """The first `count` columns, where the rows have one cell more and it is empty."""
    with contextlib.suppress(pd.errors.ParserWarning):
        table = pd.read_csv(path, header=0, names=range(count + 1), **how)
        if not table.pop(count).any():
            return table
    raise UserError(f"{path}: rows have more cells than the header has names.")


def _events(path: Path, notes: list[str]) -> pd.DataFrame:
    """Tags by their last part ("train/d_loss" is d_loss), at the steps that have as many losses as any has."""
    logged = {
        step: {**tags, **{tag.rsplit("/", 1)[-1]: number for tag, number in tags.items()}}
        for step, tags in read_events(path).items()
    }
    most = max((sum(name in tags for name in LOSSES) for tags in logged.values()), default=0)
    whole = {step: tags for step, tags in logged.items() if sum(name in tags for name in LOSSES) == most}
    if len(whole) < len(logged):
        notes.append(f"{len(logged) - len(whole)} steps without both losses were left out.")
    table = pd.DataFrame.from_dict(whole, orient="index")
    table.insert(0, "step", list(whole))
    return table.reset_index(drop=True)


def _numbers(path: Path, column: pd.Series, notes: list[str]) -> pd.Series:
    """A column as float64; UserError names the first cell that is no number, or empty where it must not be."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(np.float64)
    text = column.map(lambda cell: "" if cell is None else str(cell).strip())
    numbers = pd.to_numeric(text, errors="coerce").astype(np.float64)
    blank = np.array(text == "")
    if column.name in LOSSES and blank.any():
        blank = _tail(blank, str(column.name), notes)
    may_be_blank = column.name in MORE or (column.name in LOSSES and not blank.any())
    wrong = np.array(numbers.isna() & ~text.str.lower().isin(["nan", "+nan", "-nan"]))
    wrong &= np.array(text != "") | (blank & (not may_be_blank))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        what = "is empty; log both losses in every row" if blank[row] else f"holds {text[row]!r}, which is no number"
        raise UserError(f"{path}: column {column.name!r}, data row {row + 1} {what}.")
    return numbers


def _steps(path: Path, steps: pd.Series) -> pd.Series:
    if not np.isfinite(steps).all() or (steps != np.floor(steps)).any() or (steps.abs() > LAST_STEP).any():
        raise UserError(f"{path}: column 'step' must hold whole numbers, of at most 2**53 in size.")
    if steps.duplicated().any():
        first = int(steps[steps.duplicated()].iloc[0])
        raise UserError(f"{path}: step {first} appears more than once; keep one row per step.")
    return steps.astype(np.int64)
