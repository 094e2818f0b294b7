"""One matrix of scores (variants, seeds) per data set and metric, oriented so that smaller is better."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.registry import component, names
from gan_bench.stats.write.names import LOST

#: Directions of metrics with a better side.
RANKED = ("lower", "higher", "half")

KEY = ["study", "dataset", "metric", "label", "direction"]


@dataclass(frozen=True)
class ScoreMatrix:
    """Badness of every variant and seed for one metric of one data set: smaller is better for every metric.

    Attributes:
        key: value of each column KEY.
        variants: names of the rows.
        seeds: seeds of the columns, ascending.
        badness: (variants, seeds): the value; its negative if higher is better; its distance from 1/2 if that is best.
            inf for a lost run (diverged, failed or timed out). NaN if unknown: the run is not planned or is missing,
            or the metric is undefined for it.
        asked: (variants, seeds) whether the run is planned.
    """

    key: dict[str, str]
    variants: list[str]
    seeds: list[int]
    badness: np.ndarray
    asked: np.ndarray

    @property
    def direction(self) -> str:
        return self.key["direction"]

    @property
    def scored(self) -> np.ndarray:
        """Badness with NaN in place of lost runs."""
        return np.where(np.isinf(self.badness), np.nan, self.badness)

    def in_metric(self, badness: np.ndarray) -> np.ndarray:
        """Badness with the sign of the metric, as it is printed; for "half" it stays a distance from 1/2."""
        return np.asarray(-badness if self.direction == "higher" else badness)


def comparable(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of runs.csv of metrics with a better side, without methods that deal out images of the scored split."""
    return runs[runs["direction"].isin(RANKED) & ~deals_scored_split(runs)]


def deals_scored_split(part: pd.DataFrame) -> pd.Series:
    """Mask of the rows whose method deals out images of the split that they are scored on."""
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
    """Rows of metrics with a better side, with column `badness`. `rows`: of finished runs, without a status."""
    ranked = rows[rows["direction"].isin(RANKED)]
    return ranked.assign(badness=badness_of(ranked.assign(status="ok")))


def score_matrices(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> Iterator[ScoreMatrix]:
    """The matrices of a study: one per data set and metric with a better side, in the order of the runs.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
    """
    rows = comparable(runs)
    rows = rows.assign(badness=badness_of(rows))
    for (dataset, metric), part in rows.groupby(["dataset", "metric"], sort=False):
        variants, seeds = list(dict.fromkeys(part["variant"])), sorted(set(part["seed"].astype(int)))
        row = pd.Index(variants).get_indexer(part["variant"])
        column = np.searchsorted(seeds, part["seed"].to_numpy(dtype=np.int64))
        badness = np.full((len(variants), len(seeds)), np.nan)
        badness[row, column] = part["badness"]
        asked = np.zeros(badness.shape, dtype=bool)
        asked[row, column] = True
        key = {
            "study": str(part["study"].iloc[0]),
            "dataset": str(dataset),
            "metric": str(metric),
            "label": labels.get((dataset, metric), str(metric)),
            "direction": str(part["direction"].iloc[0]),
        }
        yield ScoreMatrix(key, variants, seeds, badness, asked)
