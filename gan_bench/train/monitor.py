"""What a run logs: stats of every step collected in a window of tensors, one history row for each window."""

from collections.abc import Mapping
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
from gan_bench.train.step import DISCRIMINATOR_STATS, GENERATOR_STATS

#: Columns of history.parquet; each is a mean over the steps since the row before, but for the counts and sds.
COLUMNS = (
    "step", "d_step", "images", "d_loss", "d_loss_real", "d_loss_fake", "g_loss", "penalty", "d_real", "d_fake",
    "lg_real_sd", "lg_fake_sd", "gn_d", "gn_g", "g_loss_sd", "d_loss_sd",
)  # fmt: skip
COUNTS = ("step", "d_step", "images")

#: What a stat is called in the reason of a divergence.
MEANING: Mapping[str, str] = MappingProxyType(
    {
        "d_loss_real": "the discriminator's loss on real images",
        "d_loss_fake": "the discriminator's loss on generated images",
        "penalty": "the penalty",
        "d_real": "the discriminator's output on real images",
        "d_fake": "the discriminator's output on generated images",
        "lg_real_sd": "the spread of the discriminator's logits on real images",
        "lg_fake_sd": "the spread of the discriminator's logits on generated images",
        "gn_d": "the discriminator's gradient",
        "g_loss": "the generator's loss",
        "gn_g": "the generator's gradient",
    }
)


@dataclass(frozen=True)
class Divergence:
    """The G step in which a number stopped being finite, and which number it was."""

    step: int
    reason: str


class Monitor:
    """Collects stats without looking at them, so that no step waits for a device; looks at each log point."""

    def __init__(self, plan: Schedule, device: torch.device) -> None:
        longest = plan.longest_window
        self.plan = plan
        self.d_window = torch.zeros((longest * plan.d_steps, len(DISCRIMINATOR_STATS)), device=device)
        self.g_window = torch.zeros((longest, len(GENERATOR_STATS)), device=device)
        self.d_filled = self.g_filled = 0
        self.rows: list[dict[str, float]] = []

    @property
    def start(self) -> int:
        """G step at which the present window starts."""
        return int(self.rows[-1]["step"]) if self.rows else 0

    def record_discriminator(self, stats: Tensor) -> None:
        self.d_window[self.d_filled] = stats
        self.d_filled += 1

    def record_generator(self, stats: Tensor) -> None:
        self.g_window[self.g_filled] = stats
        self.g_filled += 1

    def flush(self) -> Divergence | None:
        """Close the window: append its history row. Non-finite stats end the row at the very step they came in.

        That row keeps the values as they are, NaN and infinity included.
        """
        d = self.d_window[: self.d_filled].cpu().numpy().astype(np.float64)
        g = self.g_window[: self.g_filled].cpu().numpy().astype(np.float64)
        self.d_filled = self.g_filled = 0
        divergence = _first_bad(d, g, self.start, self.plan.d_steps)
        if divergence is not None:
            steps = divergence.step - self.start
            d, g = d[: steps * self.plan.d_steps], g[:steps]
        self.rows.append(_row(d, g, self.start + len(g), self.plan))
        return divergence

    def table(self) -> pa.Table:
        """The history: one row for each log point, columns `COLUMNS`, counts int64 and the rest float64."""
        fields = [(name, pa.int64() if name in COUNTS else pa.float64()) for name in COLUMNS]
        return pa.Table.from_pydict(
            {name: [row[name] for row in self.rows] for name in COLUMNS}, schema=pa.schema(fields)
        )


def write_history(path: Path, table: pa.Table) -> None:
    """Parquet whose bytes are a function of the table: plain pages, nothing compressed, nothing about the writer's
    session."""
    with atomic_path(path) as temporary:
        parquet.write_table(table, temporary, version="2.6", compression="none", use_dictionary=False)


def _first_bad(d: np.ndarray, g: np.ndarray, start: int, d_steps: int) -> Divergence | None:
    """The first non-finite number in the order of the steps: within one G step the D steps come first."""
    bad_d, bad_g = _first_bad_row(d), _first_bad_row(g)
    names: tuple[str, ...]
    if bad_d is not None and (bad_g is None or bad_d // d_steps <= bad_g):
        step, names, values = start + bad_d // d_steps + 1, DISCRIMINATOR_STATS, d[bad_d]
        where = f"discriminator step {start * d_steps + bad_d + 1}, for generator step {step}"
    elif bad_g is not None:
        step, names, values = start + bad_g + 1, GENERATOR_STATS, g[bad_g]
        where = f"generator step {step}"
    else:
        return None
    column = int(np.flatnonzero(~np.isfinite(values))[0])
    return Divergence(step, f"{MEANING[names[column]]} is {values[column]} in {where}")


def _first_bad_row(values: np.ndarray) -> int | None:
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    return int(bad[0]) if len(bad) else None


def _row(d: np.ndarray, g: np.ndarray, step: int, plan: Schedule) -> dict[str, float]:
    """Means over a window's D steps (n,8) and G steps (m,2); the sds divide by n and m."""
    row: dict[str, float] = {"step": step, "d_step": step * plan.d_steps, "images": plan.images(step)}
    # An infinity makes NaN of a sd, which is what the row has to show; NumPy need not warn of it.
    with np.errstate(invalid="ignore", over="ignore"):
        row |= dict(zip(DISCRIMINATOR_STATS, d.mean(axis=0).tolist(), strict=True))
        row |= dict(zip(GENERATOR_STATS, g.mean(axis=0).tolist(), strict=True))
        d_loss = d[:, DISCRIMINATOR_STATS.index("d_loss_real")] + d[:, DISCRIMINATOR_STATS.index("d_loss_fake")]
        row |= {"d_loss": float(d_loss.mean()), "d_loss_sd": float(d_loss.std())}
        row["g_loss_sd"] = float(g[:, GENERATOR_STATS.index("g_loss")].std())
    return row
