"""What variants are compared by: one matrix of badness a data set and metric, with failures and gaps told apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.registry import component, names
from gan_bench.stats.write.names import LOST

#: Directions that say which of two values is better.
RANKED = ("lower", "higher", "half")

KEY = ["study", "dataset", "metric", "label", "direction"]


@dataclass(frozen=True)
class Scores:
    """Badness of every variant and seed for one metric of one data set: smaller is better whatever the metric.

    `badness` (variants, seeds): the value, its negative where higher is better, its distance from 1/2 where that is
    best; inf for a run that diverged, failed or ran out of time; NaN where nothing is known: a run that was not asked
    for or is missing, or a value that its metric does not define.
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
        """Badness with NaN in place of failures."""
        return np.where(np.isinf(self.badness), np.nan, self.badness)

    def in_metric(self, badness: np.ndarray) -> np.ndarray:
        """Badness as it is printed: in the metric's own sign (for "half" it stays a distance from 1/2)."""
        return np.asarray(-badness if self.direction == "higher" else badness)


def comparable(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of runs that are compared: of metrics with a better side, and no row that deals out the scored split."""
    return runs[runs["direction"].isin(RANKED) & ~deals_scored_split(runs)]


def deals_scored_split(part: pd.DataFrame) -> pd.Series:
    """Which rows are of a method that deals out images of the split that they are scored on."""
    known = {name: component("methods", name).facts.get("deals") for name in names("methods")}
    return part["method"].map(known).notna() & (part["method"].map(known) == part["split"])


def badness_of(rows: pd.DataFrame) -> np.ndarray:
    """Badness of each row of runs, as in `Scores`."""
    value = rows["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    direction = rows["direction"].to_numpy(dtype=object)
    badness = np.where(direction == "higher", -value, np.where(direction == "half", np.abs(value - 0.5), value))
    status = rows["status"]
    badness = np.where((status == "ok").to_numpy(), badness, np.nan)
    return np.where(status.isin(LOST).to_numpy(), np.inf, badness)


def ranked_values(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of values of finished runs that have a better side, with their `badness`."""
    ranked = rows[rows["direction"].isin(RANKED)]
    return ranked.assign(badness=badness_of(ranked.assign(status="ok")))


def score_matrices(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> Iterator[Scores]:
    """The matrices of a study, one for each data set and metric with a better side, in the order of the runs.

    `labels`: (data set, metric) -> the metric's printed name.
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
        yield Scores(key, variants, seeds, badness, asked)
