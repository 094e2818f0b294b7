"""Histories of any training, ours or not, read from CSV or parquet and judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench import losses
from gan_bench.collapse.track import LOSSES, OPTIONAL
from gan_bench.collapse.verdict import judge
from gan_bench.errors import UserError
from gan_bench.registry import component

LEAST_ROWS = 10
NEEDED = ("step", *LOSSES)


def detect_file(path: Path | str, loss_name: str | None = None) -> dict[str, Any]:
    """Judge the history in a CSV or parquet file: the document of `judge` with "file", "loss", "rows", "reading".

    `loss_name`: a component of the losses axis (or the path of one); None leaves out the rules that compare with a
    loss's equilibrium. UserError for a file that cannot be read as a history, or an unknown loss.
    """
    history, notes = read_history(path)
    document = judge(history, None if loss_name is None else loss_facts({"name": loss_name}))
    return {"file": str(path), "loss": loss_name, "rows": len(history), "reading": notes, **document}


def loss_facts(ref: Mapping[str, Any]) -> dict[str, Any]:
    """What `judge` needs of the loss of a resolved reference: family, and the equilibrium under its settings."""
    facts = component("losses", ref["name"]).facts
    return {**facts, "equilibrium": losses.equilibrium(ref)}


def read_history(path: Path | str) -> tuple[pd.DataFrame, list[str]]:
    """Columns step, d_loss, g_loss and any of lg_real_sd, lg_fake_sd, gn_g, in the order of steps; and notes.

    The text "nan" or "inf" in a loss is a loss that is not finite; an empty cell of a CSV is a missing one and is
    refused. In parquet the two are the same (pandas writes NaN as null): a loss that is not finite.
    Rows out of order are sorted, with a note; repeated steps are refused, because which row counts is not ours to say.
    UserError for these, for missing columns, for text that is no number, and for fewer than ten rows.
    """
    path = Path(path)
    table = _read(path)
    table.columns = [str(name).strip() for name in table.columns]
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        have = ", ".join(map(str, table.columns)) or "none"
        raise UserError(
            f"{path}: no column {', '.join(map(repr, missing))}; step, d_loss and g_loss are needed, found: {have}."
        )
    if len(table) < LEAST_ROWS:
        raise UserError(f"{path}: {len(table)} rows are too few to judge; at least {LEAST_ROWS} are needed.")
    if table.columns.has_duplicates:
        raise UserError(f"{path}: column {table.columns[table.columns.duplicated()][0]!r} appears twice.")
    columns = {
        name: _numbers(path, table[name], blank_ok=name in OPTIONAL) for name in (*NEEDED, *OPTIONAL) if name in table
    }
    history = pd.DataFrame(columns)
    history["step"] = _steps(path, history["step"])
    if history["step"].is_monotonic_increasing:
        return history, []
    return history.sort_values("step", ignore_index=True), [
        "The rows were not in the order of steps; they were sorted."
    ]


def _read(path: Path) -> pd.DataFrame:
    """All columns; of a CSV as text, so that an empty cell and "nan" stay different."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise UserError(f"{path}: a history is a .csv or .parquet file, not {suffix or 'a file without a suffix'!r}.")
    if not path.is_file():
        raise UserError(f"{path}: no such file.")
    try:
        if suffix == ".csv":
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
        frame = pq.ParquetFile(path).read().to_pandas()
        return frame.reset_index() if frame.index.name else frame
    except (ValueError, pa.ArrowException) as error:
        raise UserError(f"{path}: not a readable {suffix[1:]} file: {str(error).splitlines()[0]}") from None


def _numbers(path: Path, column: pd.Series, *, blank_ok: bool) -> pd.Series:
    """A column as float64; UserError names the first cell that is empty or no number."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(np.float64)
    text = column.map(lambda cell: "" if cell is None else str(cell).strip())
    numbers = pd.to_numeric(text, errors="coerce").astype(np.float64)
    blank = text == ""
    wrong = numbers.isna() & ~text.str.lower().isin(["nan", "+nan", "-nan"]) & ~(blank & blank_ok)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        what = "is empty; log both losses in every row" if blank[row] else f"holds {text[row]!r}, which is no number"
        raise UserError(f"{path}: column {column.name!r}, data row {row + 1} {what}.")
    return numbers


def _steps(path: Path, steps: pd.Series) -> pd.Series:
    if not np.isfinite(steps).all() or (steps != np.floor(steps)).any():
        raise UserError(f"{path}: column 'step' must hold whole numbers.")
    if steps.duplicated().any():
        first = int(steps[steps.duplicated()].iloc[0])
        raise UserError(f"{path}: step {first} appears more than once; keep one row per step.")
    return steps.astype(np.int64)
