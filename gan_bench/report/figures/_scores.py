"""Data of panels that show scores by variant: means, intervals and the scores of the seeds, best variant first."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from gan_bench.metrics import badness
from gan_bench.report.figures import _most
from gan_bench.report.tables_input import DIRECTIONS, Tables, records
from gan_bench.stats.estimate.scales import Scale

#: If a panel has more variants than this, its rows are closer together.
FEW = 20


@dataclass(frozen=True, eq=False)
class ScorePanel:
    """Data of one panel. All lists except `floor` have one entry per drawn variant, from the top.

    Attributes:
        seeds: scores of the finished runs.
        top: whether the variant may be the best: the intervals do not exclude it.
        diverged: number of runs that diverged. They are in no mean.
        unscored: number of other runs without a score. They are in no mean either.
        floor: scores of real images.
        bounds: lowest and highest possible value of the metric; infinite if there is no bound.
        n_variants: number of all variants, drawn or not.
    """

    dataset: str
    label: str
    protocol: str
    variants: list[str]
    seeds: list[list[float]]
    means: list[float | None]
    intervals: list[tuple[float, float] | None]
    top: list[bool]
    diverged: list[int]
    unscored: list[int]
    floor: list[float]
    bounds: tuple[float, float]
    n_variants: int


def read_scores(tables: Tables, dataset: str) -> list[ScorePanel]:
    """One panel per metric of a data set, in the order of comparison.csv.

    A metric is left out if it cannot rank variants, or if `shown_metrics` leaves it out.
    """
    table = tables.comparison[tables.comparison["dataset"] == dataset]
    table = table[table["direction"] != "none"]
    best = best_first(table)
    order = _most.drawn(best)
    return [_scores(tables, dataset, metric, order, len(best)) for metric in shown_metrics(table)]


def shown_metrics(table: pd.DataFrame) -> list[str]:
    """Metrics of a data set's comparison for which some finished run has a score.

    If no run has finished, all metrics are returned.
    """
    return [metric for metric in dict.fromkeys(table["metric"]) if _applies(table, metric)]


def _applies(table: pd.DataFrame, metric: str) -> bool:
    rows = table[(table["metric"] == metric) & (table["kind"] == "variant")]
    return bool(rows["n_scored"].sum() > 0 or rows["n_ok"].sum() == 0)


def means_by_step(tables: Tables, runs: pd.DataFrame) -> "pd.Series[float]":
    """Means over the seeds at each step. As in comparison.csv, the mean is computed on the metric's scale, such as log.

    `runs`: rows of curves.csv for one cell and one metric.
    """
    table, first = tables.comparison, runs.iloc[0]
    scale = table.loc[(table["dataset"] == first["dataset"]) & (table["metric"] == first["metric"]), "scale"].iloc[0]
    images = None if pd.isna(first["n_fake"]) else float(first["n_fake"])
    fitted = Scale(str(scale)).fitted(runs["value"].to_numpy(dtype=float), images)
    return runs.groupby("step")["value"].agg(lambda values: float(fitted.back(fitted.to(values.to_numpy()).mean())))


def best_first(table: pd.DataFrame) -> list[str]:
    """Cell ids of a data set's comparison, sorted by the mean of the first metric, best first.

    Cells without a mean come last.
    """
    rows = table[(table["kind"] == "variant") & (table["metric"] == table["metric"].iloc[0])] if len(table) else table
    keys = []
    for place, row in enumerate(records(rows[["cell", "centre", "direction"]])):
        mean = row["centre"]
        value = float("inf") if pd.isna(mean) else badness(float(mean), str(row["direction"]))
        keys.append((value, place, str(row["cell"])))
    return [cell for _, _, cell in sorted(keys)]


def _scores(tables: Tables, dataset: str, metric: str, order: Sequence[str], n_variants: int) -> ScorePanel:
    table = tables.comparison
    part = table[(table["dataset"] == dataset) & (table["metric"] == metric)]
    rows = {row["cell"]: row for row in records(part[(part["kind"] == "variant") & part["cell"].isin(order)])}
    runs = tables.runs
    scored = runs[(runs["dataset"] == dataset) & (runs["metric"] == metric) & (runs["status"] == "ok")].dropna(
        subset=["value"]
    )
    scored = scored[scored["cell"].isin(order)]
    seeds = {cell: group["value"].tolist() for cell, group in scored.groupby("cell")}
    members = [rows[cell] for cell in order]
    return ScorePanel(
        dataset=dataset,
        label=str(part["label"].iloc[0]) + tables.unit(metric),
        protocol=_protocol(part),
        variants=[str(row["variant"]) for row in members],
        seeds=[seeds.get(cell, []) for cell in order],
        means=[None if pd.isna(row["centre"]) else float(row["centre"]) for row in members],
        intervals=[None if pd.isna(row["ci_low"]) else (row["ci_low"], row["ci_high"]) for row in members],
        top=[bool(pd.notna(row["top"]) and row["top"]) for row in members],
        diverged=[int(row["n_diverged"]) for row in members],
        unscored=[int(row["n_asked"] - row["n_scored"] - row["n_diverged"]) for row in members],
        floor=part.loc[part["kind"] == "floor", "mean"].dropna().tolist(),
        bounds=_bounds(tables, metric),
        n_variants=n_variants,
    )


def _protocol(part: pd.DataFrame) -> str:
    """Direction and protocol, such as "lower is better; 500 real (test), 500 generated"."""
    row = part[part["kind"] == "variant"].iloc[0]
    _, words = DIRECTIONS.get(str(row["direction"]), ("", str(row["direction"])))
    if pd.isna(row["n_real"]):
        return f"{words}; no run was scored"
    return f"{words}; {row['n_real']} real ({row['split']}), {row['n_fake']} generated"


def _bounds(tables: Tables, metric: str) -> tuple[float, float]:
    row = tables.metrics[tables.metrics["metric"] == metric].iloc[0]
    low, high = row["low"], row["high"]
    return float("-inf" if pd.isna(low) else low), float("inf" if pd.isna(high) else high)
