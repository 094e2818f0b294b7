"""Reads the logs in a file: finds the format of the file, its columns, and the step of each row."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.logs.fast_csv import read_fast_csv
from gan_bench.logs.formats import read_table
from gan_bench.logs.gaps import fill_gaps
from gan_bench.logs.log import LOSSES, SIGNALS, Log, Table
from gan_bench.logs.names import meaning
from gan_bench.logs.numbers import Array, numbers
from gan_bench.logs.pairs import Chosen, choose_pairs
from gan_bench.logs.source import Source
from gan_bench.logs.steps import choose_steps
from gan_bench.words import plural

#: Values with a larger absolute value count as not finite, because their squares may overflow: the square of 1.4e154
#: is not finite in float64.
MAX_VALUE = 1e150
#: Two columns of losses count as equal if their mean absolute difference is less than this share of the mean absolute
#: loss. They need not be exactly equal, because logged numbers are rounded.
EQUAL = 0.02


def read_logs(path: Path | str, columns: Mapping[str, str] | None = None, *, growing: bool = False) -> list[Log]:
    """The logs in a file or in a folder of TensorBoard event files: one for each pair of networks.

    Losses that are NaN or infinite stay in the history. A value whose absolute value is above 1e150 counts as not
    finite, and a note says so. If all empty cells of the losses are at the end of their columns, they are read as NaN.
    For other empty cells see `fill_gaps`.

    Args:
        columns: this suite's column name -> the column in the file. These names take precedence over recognised names.
            {"d_loss": "REAL+FAKE"} reads the sum of the columns REAL and FAKE as d_loss.
        growing: whether the file is still being written. If so, an incomplete last line or record is left out.

    Raises:
        UserError: the file is missing, damaged or of no known format; or its columns cannot be used, for example
            because a loss of D or G is not recognised or a cell is not a number.
        NoLossesError: the file has rows and several columns, but no column is recognised as a loss of D or G. This is
            a UserError too.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path}: no such file.")
    source = Source(path, growing)
    if not columns and not growing and path.is_file() and (fast := read_fast_csv(source)) is not None:
        history, notes = fast
        recognised = {"format": "comma-separated table", **{name: name for name in history.columns}}
        return [_log(path, Chosen("", ("d_loss",), ("g_loss",)), history, recognised, "sum", notes)]
    table = read_table(source)
    return list(_logs(path, table, columns or {}))


def read_frame(frame: pd.DataFrame, columns: Mapping[str, str] | None = None, name: str = "history") -> list[Log]:
    """The logs in a data frame: the same as `read_logs` for a file with these columns, with the same errors.

    Messages have `name` in the place of the file's path.
    """
    table = Table({str(column): frame[column].to_numpy() for column in frame}, "data frame")
    return list(_logs(Path(name), table, columns or {}))


def _logs(path: Path, table: Table, named: Mapping[str, str]) -> Iterator[Log]:
    for chosen in choose_pairs(path, table, named):
        frame, empty = _losses(path, table, chosen)
        d_loss_is, words = _reduction(path, table, chosen, frame)
        others = {name: chosen.others[name] for name in SIGNALS if name in chosen.others}
        for name, column in others.items():
            frame[name] = numbers(path, column, table.columns[column])[0]
        counters = _counters(path, table, named)
        by = counters.get("step", next(iter(counters.values()), None))
        frame, rows, gap_notes = fill_gaps(frame, empty, None if by is None else pd.Series(by))
        counters = {name: values[rows] for name, values in counters.items()}
        known = _known(counters, len(frame))
        frame, counters = frame[known], {name: values[known] for name, values in counters.items()}
        steps = choose_steps(path, counters, table.totals, len(frame))
        history = frame.iloc[steps.rows].reset_index(drop=True)
        history.insert(0, "step", steps.values)
        left_out = len(known) - int(known.sum())
        notes = [*table.notes, *gap_notes, *steps.notes]
        if left_out:
            notes.append(f"{plural(left_out, 'row without a step was', 'rows without a step were')} left out.")
        recognised = {"format": table.format, "step": steps.says, "d_loss": words, "g_loss": " + ".join(chosen.g_loss)}
        recognised |= others
        yield _log(path, chosen, history, recognised, d_loss_is, notes)


def _log(
    path: Path, chosen: Chosen, history: pd.DataFrame, recognised: dict[str, str], d_loss_is: str, notes: list[str]
) -> Log:
    history = _clip_to_infinity(history, notes)
    return Log(path, chosen.pair, history, recognised, d_loss_is, tuple(notes))


def _losses(path: Path, table: Table, chosen: Chosen) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """A frame with both losses; and loss -> mask of its empty cells."""
    losses, empty = dict[str, Array](), dict[str, np.ndarray]()
    for name, columns in zip(LOSSES, (chosen.d_loss, chosen.g_loss), strict=True):
        parts = [numbers(path, column, table.columns[column]) for column in columns]
        losses[name] = np.sum([values for values, _ in parts], axis=0)
        empty[name] = np.any([blank for _, blank in parts], axis=0)
    return pd.DataFrame(losses), empty


def _reduction(path: Path, table: Table, chosen: Chosen, frame: pd.DataFrame) -> tuple[str, str]:
    """Whether d_loss is the "sum" or "mean" of D's losses on real and generated images; and its columns, in words."""
    name = " + ".join(chosen.d_loss)
    if chosen.d_total is None:
        known_mean = table.d_loss_is == "mean" and len(chosen.d_loss) == 1
        return ("mean", f"{name}, the mean of D's halves in this format") if known_mean else ("sum", name)
    total = numbers(path, chosen.d_total, table.columns[chosen.d_total])[0]
    halves = frame["d_loss"].to_numpy()
    both = np.isfinite(total) & np.isfinite(halves)
    size = float(np.abs(halves[both]).mean()) if both.any() else 0.0
    if size and np.abs(total - halves)[both].mean() < EQUAL * size:
        return "sum", f"{name} (= {chosen.d_total})"
    if size and np.abs(2 * total - halves)[both].mean() < EQUAL * size:
        return "sum", f"{name} ({chosen.d_total} is their mean)"
    return "sum", f"{name} ({chosen.d_total} has other terms in it)"


def _counters(path: Path, table: Table, named: Mapping[str, str]) -> dict[str, Array]:
    """Name -> values, for the columns that may count steps.

    If the user named the column of the step, only this column is returned, with the name "step". Otherwise, columns
    with a cell that is not a number are left out.

    Raises:
        UserError: a cell is not a number, in the column that the user named or in a column with the name "step".
    """
    if "step" in named:
        return {"step": numbers(path, named["step"], table.columns[named["step"]])[0]}
    counters = {}
    for name, cells in table.columns.items():
        if meaning(name).kind != "step":
            continue
        try:
            counters[name] = numbers(path, name, cells)[0]
        except UserError:
            if name == "step":
                raise
    return counters


def _known(counters: Mapping[str, Array], count: int) -> np.ndarray:
    """Mask of the rows to keep: those with a finite value in the column "step".

    All rows are kept if there is no column "step", or if fewer than half of its values are finite.
    """
    known = np.isfinite(counters["step"]) if "step" in counters else np.ones(count, dtype=bool)
    return known if count and known.mean() >= 0.5 else np.ones(count, dtype=bool)


def _clip_to_infinity(history: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Absolute values above MAX_VALUE become infinite in losses and NaN in signals, and a note says so."""
    for name in history.columns.intersection([*LOSSES, *SIGNALS]):
        beyond = np.isfinite(history[name]) & (history[name].abs() > MAX_VALUE)
        if beyond.any():
            notes.append(
                f"{name} is above {MAX_VALUE:g} in size in {plural(int(beyond.sum()), 'row')}, read as not finite."
            )
            history[name] = history[name].where(~beyond, np.inf if name in LOSSES else np.nan)
    return history
