"""The history of a run: each row summarises the stats of all steps between two log points.

Stats are the numbers that a method reports for each step, such as losses.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import torch
from pyarrow import parquet
from torch import Tensor

from gan_bench.files import atomic_path
from gan_bench.train.schedule import Schedule

#: Values that are measured at log points only (gan_bench.train.signals). If log points are close together, some rows
#: repeat the values of the previous row. In the row at which a run diverges, these values are NaN.
SIGNALS = (
    "div_pair", "div_nn", "div_std", "mean_shift", "cov_batch", "d_held_real", "d_held_acc", "div_pair_features",
)  # fmt: skip

#: Columns of every history.parquet. g_loss_sd and d_loss_sd are standard deviations over the steps since the previous
#: row. All others, except `COUNTS` and `SIGNALS`, are means over these steps.
COLUMNS = (
    "step", "d_step", "images", "d_loss", "d_loss_real", "d_loss_fake", "g_loss", "penalty", "d_real", "d_fake",
    "lg_real_sd", "lg_fake_sd", "gn_d", "gn_g", "g_loss_sd", "d_loss_sd", "d_acc", *SIGNALS,
)  # fmt: skip
COUNTS = ("step", "d_step", "images")

#: Additional columns if `early_stop` has a metric: the score at this row, and the step of the best score so far (0 if
#: no score was finite). Both are NaN in rows at which no score is due (gan_bench.train.validation_stop).
SCORES = ("validation", "validation_best")

#: Stat -> its name in the message about a divergence (`Divergence.reason`). The message names a stat that is not listed
#: here by its column.
MEANING: Mapping[str, str] = MappingProxyType(
    {
        "d_loss_real": "the discriminator's loss on real images",
        "d_loss_fake": "the discriminator's loss on generated images",
        "penalty": "the penalty",
        "d_real": "the discriminator's output on real images",
        "d_fake": "the discriminator's output on generated images",
        "lg_real_sd": "the spread of the discriminator's logits on real images",
        "lg_fake_sd": "the spread of the discriminator's logits on generated images",
        "d_acc": "the discriminator's accuracy",
        "gn_d": "the discriminator's gradient",
        "g_loss": "the generator's loss",
        "gn_g": "the generator's gradient",
    }
)


@dataclass(frozen=True)
class Divergence:
    """The G step at which a run diverged, and the reason in words: which number is not finite."""

    step: int
    reason: str


class Monitor:
    """Collects stats on the device, and reads them only at log points, so that steps do not wait for the device."""

    def __init__(
        self, plan: Schedule, stats: Mapping[str, Sequence[str]], device: torch.device, further: Sequence[str] = ()
    ) -> None:
        """`stats`: names of the stats of the streams "d" (D steps) and "g" (G steps); "d" may be empty.

        `further`: names of other columns of the history.
        """
        self.plan, self.stats, self.further = plan, stats, further
        rows = {"d": plan.longest_d_window, "g": plan.longest_window}
        self.windows = {name: torch.zeros((rows[name], len(stats[name])), device=device) for name in ("d", "g")}
        self.filled = {"d": 0, "g": 0}
        self.rows: list[dict[str, float]] = []
        #: `windows` has stats of G steps after step `first` only. Usually `first` is 0. If this run, or a run that it
        #: descends from, continued a parent whose stats have other names, `first` is the G step at which that parent
        #: was continued (gan_bench.train.continuation.adopt).
        self.first = 0

    @property
    def start(self) -> int:
        """The last G step before the current window (the steps since the last row)."""
        return max(int(self.rows[-1]["step"]) if self.rows else 0, self.first)

    def record(self, stream: str, stats: Tensor) -> None:
        """Store the stats of one step of a stream. They are in the order in which `self.stats` names them."""
        self.windows[stream][self.filled[stream]] = stats
        self.filled[stream] += 1

    def flush(self) -> Divergence | None:
        """Append the history row of the current window (the steps since the last row) and start a new window.

        Returns the divergence if a stat in the window is not finite, else None. If a step has a stat that is not
        finite, the row covers the steps up to the first such step. Then the row shows the NaN or infinite value.
        """
        d, g = (self.windows[name][: self.filled[name]].cpu().numpy().astype(np.float64) for name in ("d", "g"))
        self.filled = {"d": 0, "g": 0}
        divergence = self._first_bad(d, g)
        if divergence is not None:
            d = d[: self.plan.d_steps_until(divergence.step) - self.plan.d_steps_until(self.start)]
            g = g[: divergence.step - self.start]
        self.rows.append(self._row(d, g, self.start + len(g)))
        return divergence

    def add(self, signals: Mapping[str, float] | None) -> None:
        """Put the signals of this log point into its row; None repeats the signals of the previous row.

        A non-finite signal does not end the run.
        """
        self.rows[-1] |= {name: self.rows[-2][name] for name in SIGNALS} if signals is None else signals

    @property
    def columns(self) -> list[str]:
        """Columns of the history: `COLUMNS`, then other stats of this run's steps, then `further`."""
        stats = (name for names in self.stats.values() for name in names if name not in COLUMNS)
        return [*COLUMNS, *stats, *self.further]

    def table(self) -> pa.Table:
        """The history: one row for each log point, with `columns`. Counts are int64, other columns float64.

        Columns that the method does not report are NaN.
        """
        fields = [(name, pa.int64() if name in COUNTS else pa.float64()) for name in self.columns]
        return pa.Table.from_pydict(
            {name: [row[name] for row in self.rows] for name in self.columns}, schema=pa.schema(fields)
        )

    def _first_bad(self, d: np.ndarray, g: np.ndarray) -> Divergence | None:
        """The first non-finite number in the order of steps; None if all are finite.

        The D steps of a G step come before the G step.
        """
        bad_d, bad_g = _first_bad_row(d), _first_bad_row(g)
        done = self.plan.d_steps_until
        step_d = None if bad_d is None else self._g_step_of(done(self.start) + bad_d)
        if step_d is not None and bad_d is not None and (bad_g is None or step_d <= self.start + bad_g + 1):
            step, names, values = step_d, self.stats["d"], d[bad_d]
            where = f"discriminator step {done(self.start) + bad_d + 1}, for generator step {step}"
        elif bad_g is not None:
            step, names, values = self.start + bad_g + 1, self.stats["g"], g[bad_g]
            where = f"generator step {step}"
        else:
            return None
        column = int(np.flatnonzero(~np.isfinite(values))[0])
        name = names[column]
        return Divergence(step, f"{MEANING.get(name, name)} is {values[column]} in {where}")

    def _g_step_of(self, d_step: int) -> int:
        """Number of the G step (from 1) to which the D step `d_step` (from 0) belongs."""
        step = self.start + 1
        while self.plan.d_steps_until(step) <= d_step:
            step += 1
        return step

    def _row(self, d: np.ndarray, g: np.ndarray, step: int) -> dict[str, float]:
        """The history row at `step`: statistics of the window's D steps (n, .) and G steps (m, .).

        The standard deviations have the divisors n and m.
        """
        row: dict[str, float] = dict.fromkeys(self.columns, math.nan)
        row |= {"step": step, "d_step": self.plan.d_steps_until(step), "images": self.plan.images(step)}
        # If a value is infinite, the standard deviation is NaN. The row shows this NaN, so NumPy's warning is not
        # needed.
        with np.errstate(invalid="ignore", over="ignore"):
            for names, values in ((self.stats["d"], d), (self.stats["g"], g)):
                if names:
                    row |= dict(zip(names, values.mean(axis=0).tolist(), strict=True))
            if self.stats["d"]:
                parts = [list(self.stats["d"]).index(name) for name in ("d_loss_real", "d_loss_fake")]
                d_loss = d[:, parts[0]] + d[:, parts[1]]
                row |= {"d_loss": float(d_loss.mean()), "d_loss_sd": float(d_loss.std())}
            row["g_loss_sd"] = float(g[:, list(self.stats["g"]).index("g_loss")].std())
        return row


def write_history(path: Path, table: pa.Table) -> None:
    """Write a Parquet file with plain pages, without compression.

    Its bytes depend only on the table and the version of pyarrow.
    """
    with atomic_path(path) as temporary:
        parquet.write_table(table, temporary, version="2.6", compression="none", use_dictionary=False)


def _first_bad_row(values: np.ndarray) -> int | None:
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    return int(bad[0]) if len(bad) else None
