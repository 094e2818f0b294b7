"""Logs that do not have both losses in every row."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gan_bench.logs.log import LOSSES
from gan_bench.logs.numbers import Mask


def fill_gaps(
    frame: pd.DataFrame, empty: dict[str, Mask], step: pd.Series | None
) -> tuple[pd.DataFrame, NDArray[np.intp], list[str]]:
    """Rows with both losses, the index of each in the log, and notes.

    Args:
        frame: both losses and other columns.
        empty: of each loss, the cells that are empty (not those that say "nan").
        step: the column that counts steps, if there is one.

    Cells that are empty up to the last row are NaN, as pandas writes it. If both losses have empty cells in between,
    rows of one step are joined; then rows with one loss are left out if they are the minority, and otherwise get the
    last value of the other loss.
    """
    rows = np.arange(len(frame))
    if not any(mask.any() for mask in empty.values()):
        return frame, rows, []
    if not any(_inside(mask).any() for mask in empty.values()):
        return frame, rows, [_to_the_end(name, mask) for name, mask in empty.items() if mask.any()]
    frame = frame.copy()
    for name in LOSSES:  # "nan" is logged and stays not finite; an empty cell is not logged
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
        notes.append("The losses are logged in different rows; the last value of the other one was used.")
    if without:
        notes.append(f"{without} rows without both losses were left out.")
    return frame.reset_index(drop=True), rows, notes


def _inside(mask: Mask) -> Mask:
    """Empty cells that have a number below them."""
    full = np.flatnonzero(~mask)
    return mask & (np.arange(len(mask)) < (full[-1] if len(full) else 0))


def _to_the_end(name: str, mask: Mask) -> str:
    first = int(np.flatnonzero(~mask).max(initial=-1)) + 2
    return f"{name} is empty from data row {first} on, which was read as not finite."
