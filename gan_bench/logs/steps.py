"""Finds the step of each row, from columns that count steps, batches or epochs, or from the order of the rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_bench.errors import UserError
from gan_bench.logs.names import INNER, OUTER, STEP_NAMES, meaning
from gan_bench.logs.numbers import Array
from gan_bench.words import plural

#: Largest step. Up to this number, float64 represents every integer exactly.
MAX_STEP = 2**53
#: A column with repeated values can count steps if its number of distinct values is at least this share of the number
#: of rows: with 100 rows, at least 50.
DISTINCT = 0.5


class Steps(NamedTuple):
    """Steps of a log.

    values: increasing steps.
    rows: for each step, the index of its row in the log.
    says: where the steps come from, in words.
    notes: sentences on what was changed or left out.
    """

    values: NDArray[np.int64]
    rows: NDArray[np.intp]
    says: str
    notes: tuple[str, ...] = ()


def choose_steps(path: Path, columns: Mapping[str, Array], totals: Mapping[str, int], count: int) -> Steps:
    """Steps of `count` rows.

    The steps come from the first of these sources that the log has. Columns with NaN or infinity are not used.

    1. A column with a different value in each row. Of several, the first in the order of `names.STEP_NAMES` is used.
    2. A column of epochs together with a column of batches.
    3. A column in which some values are repeated (see DISTINCT). The last row of each value is kept.
    4. The order of the rows: 1, 2, 3, ...

    Args:
        columns: name -> values, for columns that may count steps. A column chosen by the user has the name "step".
        totals: name of a counter -> its total, such as the number of batches in an epoch, if the file states it.

    Raises:
        UserError: the column "step" has an absolute value above 2**53.
    """
    ordered = sorted(columns, key=lambda name: STEP_NAMES.get(meaning(name).role, 0))
    if "step" in columns:
        ordered = ["step", *(name for name in ordered if name != "step")]
        finite = columns["step"][np.isfinite(columns["step"])]
        if len(finite) and np.abs(finite).max() > MAX_STEP:
            raise UserError(f"{path}: column 'step' must hold whole numbers of at most 2**53 in size.")
    usable = {name: columns[name] for name in ordered if np.isfinite(columns[name]).all() and count}
    for name, values in usable.items():
        if len(np.unique(values)) == count:
            return _in_order(*_whole(name, values))
    combined = _epochs_and_batches(usable, totals, count)
    if combined is not None:
        return combined
    for name, values in usable.items():
        if len(np.unique(values)) >= max(DISTINCT * count, 2):
            return _last_of_each(name, values)
    order = np.arange(1, count + 1)
    repeated = next(iter(usable), None)
    why = f" ({repeated} repeats)" if repeated is not None else " (no column counts them)" if count else ""
    return Steps(order, np.arange(count), f"order of rows{why}")


def _whole(name: str, values: Array) -> tuple[Array, str]:
    """Converts distinct values to whole steps; returns the steps and, in words, where they come from.

    The values are multiplied by the smallest power of ten, at most 10**6, that makes all of them whole numbers (apart
    from rounding errors): 0.5, 1, 1.25 -> 50, 100, 125. For a counter in thousands of images (kimg), only the factors 1
    and 1000 are tried. If no factor makes the values whole and distinct, the smallest value gets step 1, the next one
    step 2, ...
    """
    for power in (0, 3) if "kimg" in meaning(name).role else range(7):
        scaled = values * 10.0**power
        whole = np.round(scaled)
        close = np.abs(scaled - whole) <= 1e-6 * np.maximum(1, np.abs(scaled))
        if close.all() and len(np.unique(whole)) == len(values):
            shown = name or "column without a name"
            return whole, shown if not power else f"{shown} x {10**power}"
    return np.argsort(np.argsort(values)).astype(np.float64) + 1, f"rank of {name}"


def _in_order(values: Array, says: str) -> Steps:
    rows = np.argsort(values, kind="stable")
    in_order = bool((np.diff(values) > 0).all())
    notes = () if in_order else ("The rows were not in the order of steps; they were sorted.",)
    return Steps(values[rows].astype(np.int64), rows, says, notes)


def _epochs_and_batches(columns: Mapping[str, Array], totals: Mapping[str, int], count: int) -> Steps | None:
    """Steps as (epoch - first epoch) x batches per epoch + batch.

    The number of batches per epoch is the total that the file states, or the number of batches counted in the log if
    this is larger. Columns with fractions or with negative batches are not used. None if the log lacks a usable column
    of epochs or of batches, or if two rows would get the same step.
    """
    outer = next((name for name in columns if meaning(name).role in OUTER), None)
    for inner in (name for name in columns if meaning(name).role in INNER):
        if outer is None or len(np.unique(np.stack([columns[outer], columns[inner]]), axis=1).T) < count:
            continue
        if (columns[inner] % 1 != 0).any() or (columns[outer] % 1 != 0).any() or columns[inner].min() < 0:
            continue
        batches = int(max(totals.get(inner, 0), columns[inner].max() + (columns[inner].min() == 0)))
        values = (columns[outer] - columns[outer].min()) * batches + columns[inner]
        if len(np.unique(values)) == count:
            return _in_order(values, f"{outer} x {batches} + {inner}")
    return None


def _last_of_each(name: str, values: Array) -> Steps:
    """Steps of a column with repeated values: only the last row of each value is kept.

    A training that is resumed from a checkpoint logs some steps again, so the later row counts.
    """
    whole, says = _whole_or_equal(name, values)
    _, first_from_end = np.unique(whole[::-1], return_index=True)
    rows = len(values) - 1 - first_from_end
    dropped = len(values) - len(rows)
    rows_were, their = plural(dropped, "row was", "rows were"), "its" if dropped == 1 else "their"
    note = f"{rows_were} left out because {their} step is logged again later; the last row of a step counts."
    return Steps(whole[rows].astype(np.int64), rows, says, (note,))


def _whole_or_equal(name: str, values: Array) -> tuple[Array, str]:
    distinct, positions = np.unique(values, return_inverse=True)
    whole, says = _whole(name, distinct)
    return whole[positions], says
