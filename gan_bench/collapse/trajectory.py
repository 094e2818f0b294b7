"""A history in the form that signs read: at most MAX_ROWS rows, with the equilibrium of its loss."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Longer histories are averaged to this many rows. The thresholds of the signs were measured on histories with 200
#: rows. Each row was a mean over the steps since the previous row. A log of every single step has more noise, which
#: would hide trends.
MAX_ROWS = 200

LOSSES = ("d_loss", "g_loss")

#: Columns that some signs read in addition to the losses.
OPTIONAL = ("lg_real_sd", "lg_fake_sd", "gn_g", "d_acc", "div_pair", "cov_batch")

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Trajectory:
    """A history in the form that signs read. `step` and each array in `columns` have one value for each row.

    `level` is D's loss at equilibrium (both terms). If it is None, `level_reason` says why. `floor` is the attainable
    minimum of D's loss (both terms) if a trick changes D's targets, else 0. It is also 0 for a loss without a minimum.
    """

    step: NDArray[np.int64]
    columns: Mapping[str, Array]
    family: str
    level: float | None
    level_reason: str
    floor: float = 0.0

    @property
    def d_loss(self) -> Array:
        return self.columns["d_loss"]

    @property
    def g_loss(self) -> Array:
        return self.columns["g_loss"]

    def __len__(self) -> int:
        return len(self.step)

    def d_share(self, d_loss: float) -> float:
        """A value of D's loss as a share of its equilibrium, both minus the floor. `level` must not be None."""
        assert self.level is not None
        return (d_loss - self.floor) / (self.level - self.floor)

    def d_loss_at(self, share: float) -> float:
        """The inverse of `d_share`."""
        assert self.level is not None
        return self.floor + share * (self.level - self.floor)

    def last(self, share: float) -> slice:
        """The last `share` of the rows; at least one row."""
        return slice(len(self) - max(1, round(share * len(self))), len(self))

    def span(self, rows: slice) -> tuple[int, int]:
        """First and last step of a window."""
        steps = self.step[rows]
        return int(steps[0]), int(steps[-1])


def make_trajectory(history: pd.DataFrame, loss: Mapping[str, Any] | None) -> Trajectory:
    """Trajectory of a history.

    Args:
        history: columns step, d_loss, g_loss and any others.
        loss: the dictionary that `loss_facts` returns for the loss; None if the loss is unknown. Only its keys
            "family", "equilibrium" and "floor" are read.
    """
    present = [name for name in (*LOSSES, *OPTIONAL) if name in history.columns]
    step = history["step"].to_numpy(dtype=np.int64)
    columns = {name: history[name].to_numpy(dtype=np.float64) for name in present}
    level, reason = equilibrium_level(loss, columns["d_loss"])
    floor = floor_of(loss)
    family = UNKNOWN if loss is None else str(loss.get("family", UNKNOWN))
    if len(step) > MAX_ROWS:
        starts = np.linspace(0, len(step), MAX_ROWS + 1).astype(int)
        step = step[starts[1:] - 1]
        columns = {name: _block_means(values, starts) for name, values in columns.items()}
    return Trajectory(step=step, columns=columns, family=family, level=level, level_reason=reason, floor=floor)


def _block_means(values: Array, starts: NDArray[np.int_]) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):  # diverged losses are expected here
        return np.add.reduceat(values, starts[:-1]) / np.diff(starts)


def floor_of(loss: Mapping[str, Any] | None) -> float:
    """The fact "floor" of a loss (see `Trajectory`); 0 if it is not given or the loss is unknown."""
    return float((loss or {}).get("floor") or 0.0)


def equilibrium_level(loss: Mapping[str, Any] | None, d_loss: Array) -> tuple[float | None, str]:
    """D's loss at equilibrium (both terms) and ""; or None and the reason why this history has no equilibrium."""
    if loss is None:
        return None, "no equilibrium: the loss was not named"
    equilibrium = loss.get("equilibrium")
    if not equilibrium:
        return None, f"no equilibrium: the {loss.get('family', UNKNOWN)} family has no level"
    level = float(equilibrium["d_loss"])
    floor = floor_of(loss)
    if level <= floor:
        return None, f"no equilibrium: the level {level:g} is not above {floor:g}, so shares of it are meaningless"
    # A trick that sets the floor may draw targets above 1 or below 0, which make D's loss negative in some steps.
    finite = d_loss[np.isfinite(d_loss)]
    if not floor and len(finite) and finite.min() < 0:
        return None, "no equilibrium: d_loss is negative, which this loss cannot be (is the loss named right?)"
    return level, ""


def kendall(values: Array) -> float:
    """Mann-Kendall trend statistic: Kendall's tau-a of values (n,) against their order, in [-1, 1].

    Mann 1945, Econometrica 13: S / (n (n - 1) / 2). Ties count as no trend. Unlike
    `scipy.stats.kendalltau`, this function computes no p-value, and is much faster.
    """
    later, earlier = _row_pairs(len(values))
    return float(np.sign(values[later] - values[earlier]).mean())


@functools.lru_cache(maxsize=64)
def _row_pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of all pairs of n rows: the later rows, and the earlier rows."""
    return np.tril_indices(n, -1)


def increments_correlation(a: Array, b: Array) -> float:
    """Pearson correlation of the row-to-row changes of two series; 0 if the changes of either are constant."""
    da, db = np.diff(a), np.diff(b)
    # The changes are scaled first, so that the square of a very large change, such as one shortly before a divergence,
    # does not overflow.
    da, db = ((d - d.mean()) / (np.abs(d).max() or 1.0) for d in (da, db))
    scale = float(np.sqrt((da**2).sum()) * np.sqrt((db**2).sum()))
    return float((da * db).sum() / scale) if scale > 0 else 0.0


def last_stretch_start(holds: NDArray[np.bool_]) -> int:
    """First row of the last unbroken stretch of True in `holds`; the last row if `holds` ends with False."""
    broken = np.flatnonzero(~holds)
    return 0 if not len(broken) else min(int(broken[-1]) + 1, len(holds) - 1)
