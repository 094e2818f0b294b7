"""One matrix of scores (variants, seeds) per data set and metric. Scores are converted so that smaller is better."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.registry import component, names
from gan_bench.stats.estimate.best import Best, Summary, best, summarise
from gan_bench.stats.estimate.scales import IDENTITY, Scale, default_scale
from gan_bench.stats.write.names import LOST

#: Directions of metrics that can rank variants: lower, higher or one half is better.
RANKED = ("lower", "higher", "half")

KEY = ["study", "dataset", "metric", "label", "direction"]

Labels = Mapping[tuple[Any, Any], str]
"""Printed name of a metric by (data set, metric)."""


@dataclass(frozen=True)
class ScoreMatrix:
    """Badness of every variant and seed, for one metric and data set. Smaller badness is better.

    Attributes:
        key: the value of each of the columns in KEY.
        variants: names of the rows.
        seeds: seeds of the columns, ascending.
        badness: (variants, seeds): the value if lower is better, its negative if higher is better, its distance from
            1/2 if 1/2 is best. inf for a lost run (diverged, failed or timed out). NaN if the run is not planned, is
            missing, or has no value.
        planned: (variants, seeds): whether the run is planned.
        scale: scale on which means are compared. If 1/2 is best, distances from 1/2 are compared on the identity scale.
    """

    key: dict[str, str]
    variants: list[str]
    seeds: list[int]
    badness: np.ndarray
    planned: np.ndarray
    scale: Scale = field(default=IDENTITY)

    @functools.cached_property
    def summary(self) -> Summary:
        """Means and spreads of the variants' badness on the scale."""
        sign = -1.0 if self.direction == "higher" else 1.0
        finite = np.isfinite(self.badness)
        on_scale = self.badness.copy()
        on_scale[finite] = sign * self.scale.to(sign * self.badness[finite])
        return summarise(on_scale, self.planned)

    @functools.cached_property
    def best(self) -> Best:
        """The decision on the best variant."""
        return best(self.summary)

    @property
    def direction(self) -> str:
        return self.key["direction"]

    @property
    def scored(self) -> np.ndarray:
        """Badness, with NaN for lost runs."""
        return np.where(np.isinf(self.badness), np.nan, self.badness)

    def in_metric(self, badness: np.ndarray) -> np.ndarray:
        """Badness with the sign of the printed metric; for direction "half" it stays a distance from 1/2."""
        return np.asarray(-badness if self.direction == "higher" else badness)


def comparable(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of runs.csv for metrics that can rank variants, with a column `badness` as in `ScoreMatrix`.

    Methods that return images of the split on which they are scored are left out.
    """
    rows = runs[runs["direction"].isin(RANKED) & ~deals_scored_split(runs)]
    return rows.assign(badness=badness_of(rows))


def key_of(part: pd.DataFrame, labels: Labels) -> dict[str, str]:
    """The value of each of the columns in KEY, for rows of one data set and metric."""
    key = {name: str(part[name].iloc[0]) for name in KEY if name != "label"}
    return {**key, "label": labels.get((key["dataset"], key["metric"]), key["metric"])}


def deals_scored_split(part: pd.DataFrame) -> pd.Series:
    """Mask (rows,) of the rows whose method returns images of the split on which it is scored."""
    dealt_split = {name: component("methods", name).facts.get("deals") for name in names("methods")}
    return part["method"].map(dealt_split).notna() & (part["method"].map(dealt_split) == part["split"])


def badness_of(rows: pd.DataFrame) -> np.ndarray:
    """Badness (rows,) of rows of runs.csv, as in `ScoreMatrix`."""
    value = rows["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    direction = rows["direction"].to_numpy(dtype=object)
    badness = np.where(direction == "higher", -value, np.where(direction == "half", np.abs(value - 0.5), value))
    status = rows["status"]
    badness = np.where((status == "ok").to_numpy(), badness, np.nan)
    return np.where(status.isin(LOST).to_numpy(), np.inf, badness)


def ranked_values(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows for metrics that can rank variants, with a column `badness`.

    `rows` have no column `status`. Their values are used whatever the status of the run is.
    """
    ranked = rows[rows["direction"].isin(RANKED)]
    return ranked.assign(badness=badness_of(ranked.assign(status="ok")))


def badness_by_step(part: pd.DataFrame) -> pd.DataFrame:
    """Badness (seeds, steps) of the seeds that have a value at every step."""
    return part.pivot_table(index="seed", columns="step", values="badness").dropna()


Scales = Mapping[tuple[Any, Any], Scale]
"""Scale by (data set, metric)."""


def fitted_scales(runs: pd.DataFrame, metrics: pd.DataFrame) -> dict[tuple[Any, Any], Scale]:
    """(data set, metric) -> scale, fitted to the scores in runs.csv (`runs`). `metrics`: the table metrics.csv.

    A metrics.csv of an earlier version has no column `scale`. Then the default scales are used.
    """
    declared = {}
    for row in metrics.to_dict("records"):
        low, high = (None if pd.isna(row[end]) else float(row[end]) for end in ("low", "high"))
        ends = (-np.inf if low is None else low, np.inf if high is None else high)
        declared[row["metric"]] = Scale(row.get("scale") or default_scale(low, high), *ends)
    scored = runs[(runs["status"] == "ok") & runs["value"].notna() & ~deals_scored_split(runs)]
    return {
        (dataset, metric): declared[metric].fitted(part["value"].to_numpy(dtype=np.float64), _images(part))
        for (dataset, metric), part in scored.groupby(["dataset", "metric"], sort=False)
    }


def _images(part: pd.DataFrame) -> float | None:
    """Smallest number of images, real or generated, that the scores use; None if no number is stated."""
    least = part[["n_real", "n_fake"]].min().min()
    return None if pd.isna(least) else float(least)


def score_matrices(runs: pd.DataFrame, labels: Labels, scales: Scales | None = None) -> Iterator[ScoreMatrix]:
    """The matrices of a study: one per data set and metric that can rank variants, in the order of the runs.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
        scales: scales from `fitted_scales`; None: all scales are the identity.
    """
    for (dataset, metric), part in comparable(runs).groupby(["dataset", "metric"], sort=False):
        variants, seeds = list(dict.fromkeys(part["variant"])), sorted(set(part["seed"].astype(int)))
        row = pd.Index(variants).get_indexer(part["variant"])
        column = np.searchsorted(seeds, part["seed"].to_numpy(dtype=np.int64))
        badness = np.full((len(variants), len(seeds)), np.nan)
        badness[row, column] = part["badness"]
        planned = np.zeros(badness.shape, dtype=bool)
        planned[row, column] = True
        key = key_of(part, labels)
        scale = IDENTITY if key["direction"] == "half" else (scales or {}).get((dataset, metric), IDENTITY)
        yield ScoreMatrix(key, variants, seeds, badness, planned, scale)
