"""Makes training examples from logs of GANs that other people trained, and from the small runs of detector_corpus.py.

A folder of logs holds index.csv (id, group, loss, d_loss_is, outcome, licence, model, ...), logs/<id>.csv (step,
d_loss, g_loss) and, if FID over time is known, logs/<id>.fid.csv (step, fid). judge_field.py can judge any such folder.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from detector_corpus import Corpus

from gan_bench.collapse.field import MIN_ROWS
from gan_bench.collapse.field_features import LEVEL, NAMES, describe
from gan_bench.collapse.field_rules import signs_that_hold

Array = np.ndarray

#: Licences of the logs on which models are trained. All other steps (field_learning.py) use all logs with a known
#: outcome, whatever their licence: calibration, thresholds, limits of what is judged, error rates of signs, and tests.
FITTED = ("MIT", "Apache-2.0")
CRITICS = ("wgan", "wgangp")
#: FID counts as worse if it is at least WORSE_TIMES times its best value so far, and at least WORSE_BY above this
#: value. A run has broken down if FID is worse from some evaluation to the end.
WORSE_TIMES, WORSE_BY = 1.5, 15.0
#: Shares of a log at which it is cut to get more training examples.
CUTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

_LEVELS = np.isin(NAMES, LEVEL)


def features(d: Array, g: Array, critic: bool = False) -> Array:
    """Features of a log: all NaN if it has under two finite rows; if D is a critic, those in LEVEL are NaN."""
    if (np.isfinite(d) & np.isfinite(g)).sum() < 2:
        return np.full(len(NAMES), np.nan)
    values = describe(d, g)
    if critic:
        values[_LEVELS] = np.nan
    return values


@dataclass(frozen=True)
class FieldLog:
    """One log. `failed`: None if the outcome is unknown. `named`: the detector knows the loss and what d_loss is."""

    row: dict[str, Any]
    step: Array
    d: Array
    g: Array
    fid: pd.DataFrame | None
    named: bool = False

    @property
    def group(self) -> str:
        """Group of logs that are left out together: the model for StudioGAN's logs, the source for all others."""
        return str(self.row["model"] if self.row["group"] == "studiogan" else self.row["group"])

    @property
    def failed(self) -> bool | None:
        outcome = self.row["outcome"]
        return None if outcome == "unknown" else outcome != "fine"

    @property
    def fitted(self) -> bool:
        return self.row["licence"] in FITTED

    @property
    def critic(self) -> bool:
        return self.named and self.row["loss"] in CRITICS

    @property
    def long(self) -> bool:
        return len(self.d) >= 50

    @cached_property
    def decided(self) -> bool:
        """Whether a sign holds that raises an alarm by itself."""
        return any(sign.decides for sign in signs_that_hold(self.d, self.g))

    @cached_property
    def features(self) -> Array:
        return features(self.d, self.g, self.critic)

    def until(self, rows: int) -> "FieldLog":
        return FieldLog(self.row, self.step[:rows], self.d[:rows], self.g[:rows], self.fid, self.named)

    def thinned(self, rows: int) -> "FieldLog":
        """The log as if only `rows` rows, evenly spaced, had been written."""
        kept = np.linspace(0, len(self.d) - 1, rows).round().astype(int)
        return FieldLog(self.row, self.step[kept], self.d[kept], self.g[kept], self.fid, self.named)

    @cached_property
    def broke_at(self) -> int | None:
        """Index of the evaluation from which FID stays worse to the end; None if the last FID is not worse."""
        if self.fid is None:
            return None
        fid = self.fid["fid"].to_numpy()
        best = np.minimum.accumulate(fid)
        worse = (fid >= WORSE_TIMES * best) & (fid >= best + WORSE_BY)
        healthy = np.flatnonzero(~worse)
        first = int(healthy[-1]) + 1 if len(healthy) else 0
        return first if first < len(fid) else None

    def looks(self) -> list[tuple[int, int]]:
        """For each evaluation of FID: (its index, number of rows logged by then), if these are MIN_ROWS or more."""
        assert self.fid is not None
        rows = np.searchsorted(self.step, self.fid["step"].to_numpy(), side="right")
        return [(i, int(k)) for i, k in enumerate(rows) if k >= MIN_ROWS]


def read_field(folder: Path, named: bool = False) -> list[FieldLog]:
    """All logs of a folder. With `named`, a d_loss that is the mean of two halves is doubled, to make it their sum."""
    logs = []
    for row in pd.read_csv(folder / "index.csv").to_dict("records"):
        table = pd.read_csv(folder / "logs" / f"{row['id']}.csv")
        fid = folder / "logs" / f"{row['id']}.fid.csv"
        d, g = (table[name].to_numpy(dtype=np.float64) for name in ("d_loss", "g_loss"))
        row["outputs"] = {"d_real", "d_fake"} <= set(table.columns)
        if named and "mean of halves" in str(row["d_loss_is"]):
            d = 2 * d
        logs.append(FieldLog(row, table["step"].to_numpy(), d, g, pd.read_csv(fid) if fid.is_file() else None, named))
    return logs


@dataclass(frozen=True)
class Rows:
    """Training examples: features, labels, and the groups by which examples are left out.

    In the result of `field_rows`, the last column of `values` is the weight of the example.
    """

    values: Array
    failed: Array
    group: Array


def field_rows(logs: list[FieldLog]) -> Rows:
    """Training examples: logs with a known outcome and a licence in FITTED, and beginnings of those with FID over time.

    A beginning is labelled as failed if FID had broken down by then, or if the run never learned.
    """
    rows = [(log.features, log.failed, log.group, 1.0) for log in logs if log.fitted and log.failed is not None]
    for log in logs:
        if not log.fitted or log.failed is None or log.fid is None:
            continue
        looks = log.looks()
        for share in CUTS:
            seen = [(i, k) for i, k in looks if k <= share * len(log.d) + 1]
            if seen:
                i, k = seen[-1]
                broke = log.broke_at is not None and i >= log.broke_at
                label = broke or log.row["outcome"] == "never_learned"
                rows.append((log.until(k).features, label, log.group, 0.3))
    values, failed, group, weight = zip(*rows, strict=True)
    return Rows(np.stack([np.append(v, w) for v, w in zip(values, weight, strict=True)]), np.array(failed, dtype=bool),
                np.array(group))  # fmt: skip


def own_rows(corpus: Corpus) -> tuple[Rows, pd.DataFrame, list[tuple[Array, Array]]]:
    """(examples, table of runs, losses) of small runs that did not diverge and have at least MIN_ROWS finite rows."""
    keep = [i for i in range(len(corpus.runs)) if not corpus.runs["diverged"].iloc[i]]
    losses = [(corpus.values[i]["d_loss"], corpus.values[i]["g_loss"]) for i in keep]
    usable = [j for j, (d, g) in enumerate(losses) if (np.isfinite(d) & np.isfinite(g)).sum() >= MIN_ROWS]
    runs, losses = corpus.runs.iloc[[keep[j] for j in usable]].reset_index(drop=True), [losses[j] for j in usable]
    values = np.stack([features(d, g) for d, g in losses])
    return Rows(values, runs["failure"].to_numpy(), runs["group"].to_numpy()), runs, losses
