"""Fills the empty cells of the losses in a log, or removes their rows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gan_bench.logs.log import LOSSES
from gan_bench.logs.numbers import Mask
from gan_bench.words import plural


def fill_gaps(
    frame: pd.DataFrame, empty: dict[str, Mask], step: pd.Series | None
) -> tuple[pd.DataFrame, NDArray[np.intp], list[str]]:
    """The rows without gaps in the losses, the index of each row in the log, and notes.

    Args:
        frame: both losses and other columns.
        empty: loss -> mask of its empty cells; a cell with the text "nan" is not empty.
        step: the column that counts steps, if there is one.

    If all empty cells are at the end of their column, they are read as NaN, because pandas writes NaN as an empty cell.
    Otherwise:

    1. Rows without any loss are left out.
    2. Rows with the same step are joined, if no loss has two values at a step.
    3. If at least half of the remaining rows have both losses, the other rows are left out. Otherwise, a missing loss
       gets the previous value of this loss, and rows before the first value of a loss are left out.
    """
    rows = np.arange(len(frame))
    if not any(mask.any() for mask in empty.values()):
        return frame, rows, []
    if not any(_inside(mask).any() for mask in empty.values()):
        return frame, rows, [_to_the_end(name, mask) for name, mask in empty.items() if mask.any()]
    frame = frame.copy()
    for name in LOSSES:  # a logged NaN becomes infinite, so that it does not count as an empty cell
        frame[name] = frame[name].where(frame[name].notna() | empty[name], np.inf)
    any_loss = frame[list(LOSSES)].notna().any(axis=1).to_numpy()
    frame, rows = frame[any_loss], rows[any_loss]
    notes = []
    if step is not None and step.iloc[rows].duplicated().any():
        joined = frame.assign(**{"\0row": rows}).groupby(step.iloc[rows].to_numpy(), sort=False)
        if (joined[list(LOSSES)].count() <= 1).all(axis=None):
            rows = joined["\0row"].first().to_numpy()
            frame = joined.first().drop(columns="\0row")
            notes.append("Rows of the same step were joined.")
    without = int((~any_loss).sum())
    complete = frame[list(LOSSES)].notna().all(axis=1).to_numpy()
    if complete.mean() >= 0.5:
        without += len(complete) - int(complete.sum())
        frame, rows = frame[complete], rows[complete]
    else:
        frame = frame.assign(**{name: frame[name].ffill() for name in LOSSES})
        filled = frame[list(LOSSES)].notna().all(axis=1).to_numpy()
        frame, rows = frame[filled], rows[filled]
        notes.append("The losses are logged in different rows; in each row, the last value of the other loss was used.")
    if without:
        notes.append(f"{plural(without, 'row without both losses was', 'rows without both losses were')} left out.")
    return frame.reset_index(drop=True), rows, notes


def _inside(mask: Mask) -> Mask:
    """Mask of the empty cells that have a cell with content anywhere below them."""
    full = np.flatnonzero(~mask)
    return mask & (np.arange(len(mask)) < (full[-1] if len(full) else 0))


def _to_the_end(name: str, mask: Mask) -> str:
    first = int(np.flatnonzero(~mask).max(initial=-1)) + 2
    return f"{name} is empty from data row {first} on; the empty cells were read as NaN."
