"""The data that the page loads when it opens: names, scores by seed, and one short row per run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.report.cards import run_outcome
from gan_bench.report.figures._scores import best_first, shown_metrics
from gan_bench.report.tables_input import DIRECTIONS, PlannedCell, Tables, records
from gan_bench.stats.write.markdown import estimate

#: Largest number of runs that the page lists. If a study has more, the page lists the runs of the best variants;
#: runs.csv has all runs.
MOST_RUNS = 4000


def ranked_cells(tables: Tables) -> dict[str, list[PlannedCell]]:
    """For each data set, the cells whose runs the page lists.

    A cell is one variant on one data set. Cells are sorted by the mean of the first metric, best first.
    """
    ranked = {}
    room = MOST_RUNS // max(1, len(tables.datasets))
    for dataset in tables.datasets:
        table = tables.comparison
        table = table[(table["dataset"] == dataset) & (table["direction"] != "none")]
        cells = {cell.id: cell for cell in tables.cells_of(dataset)}
        order = [cells[cell] for cell in best_first(table) if cell in cells] if len(table) else []
        rest = set(cells.values()) - set(order)
        listed: list[PlannedCell] = []
        count = 0
        for cell in [*order, *(cell for cell in cells.values() if cell in rest)]:
            count += len(cell.seeds)
            if listed and count > room:
                break
            listed.append(cell)
        ranked[dataset] = listed
    return ranked


def page_data(tables: Tables, ranked: Mapping[str, Sequence[PlannedCell]]) -> dict[str, Any]:
    """The data that the page loads when it opens.

    A run refers to its data set by its position in "datasets", and to its cell by its position in the plan.
    """
    numbers = {cell: i for i, cell in enumerate(tables.cells)}
    datasets = []
    cells: dict[int, dict[str, Any]] = {}
    runs: list[list[Any]] = []
    listed = {cell.id for members in ranked.values() for cell in members}
    scored = tables.runs[["dataset", "cell", "metric", "seed", "value"]].dropna(subset=["value"])
    scored = scored[scored["cell"].isin(listed)]
    values = {
        (dataset, cell): {
            str(metric): {int(s): float(f"{v:.5g}") for s, v in zip(part["seed"], part["value"], strict=True)}
            for metric, part in group.groupby("metric", sort=False)
        }
        for (dataset, cell), group in scored.groupby(["dataset", "cell"], sort=False)
    }
    for d, (dataset, members) in enumerate(ranked.items()):
        metrics = _metrics(tables, dataset)
        first = _first_scores(tables, dataset, metrics["metrics"])
        datasets.append({"name": dataset, "cells": [numbers[cell] for cell in members], **metrics})
        for cell in members:
            cells[numbers[cell]] = {
                "id": cell.id,
                "name": cell.variant,
                "family": str((cell.settings.get("loss") or cell.settings["method"])["name"]),
                "values": values.get((dataset, cell.id), {}),
                "score": first.get(cell.id),
            }
            runs += [[d, numbers[cell], seed, *run_outcome(tables, cell, seed)] for seed in cell.seeds]
    n_runs = sum(len(cell.seeds) for cell in tables.cells)
    return {"study": tables.plan["study"], "datasets": datasets, "cells": cells, "runs": runs, "n_runs": n_runs}


def _first_scores(tables: Tables, dataset: str, metrics: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """{cell id: label and mean of the first metric}. The mean has as many digits as in the table of scores."""
    if not metrics:
        return {}
    table = tables.comparison
    rows = table[(table["dataset"] == dataset) & (table["metric"] == metrics[0]["id"]) & (table["kind"] == "variant")]
    rows = rows.dropna(subset=["centre"])
    return {row["cell"]: f"{metrics[0]['label']} {estimate(row)[0]}" for row in records(rows)}


def _metrics(tables: Tables, dataset: str) -> dict[str, Any]:
    table = tables.comparison[tables.comparison["dataset"] == dataset]
    table = table[table["direction"] != "none"]
    table = table[table["metric"].isin(shown_metrics(table))]
    floors = {row["metric"]: row for row in records(table[(table["kind"] == "floor") & table["centre"].notna()])}
    scored = table[table["kind"] == "variant"].groupby("metric")["n_scored"].max()
    # Metrics for which every variant has at most one scored seed. `estimate` prints their scores with two digits.
    single = set(scored[scored == 1].index)
    metrics = []
    for metric, row in table.drop_duplicates("metric").set_index("metric").iterrows():
        arrow, words = DIRECTIONS.get(str(row["direction"]), ("", ""))
        floor = floors.get(metric)
        metrics.append(
            {
                "id": metric,
                "label": tables.short_label(row["label"]),
                "arrow": arrow,
                "words": words,
                "ideal": None if floor is None else float(floor["centre"]),
                "ideal_text": "" if floor is None else estimate(floor)[0],
                "decimals": None if pd.isna(row["decimals"]) else int(row["decimals"]),
                "significant": 2 if metric in single else 4,
            }
        )
    return {"metrics": metrics}
