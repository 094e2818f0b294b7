"""Which metrics agree over the runs of all published studies: the table of docs/studies/metric_agreement.md.

    python benchmarks/studies/metric_agreement.py [STUDY.zip ...]      (default: all of results/reference)

For each study and data set, the script reads from agreement.csv Kendall's tau-b of every two metrics of MAIN over cells
(medians over seeds). The table shows, for each pair, the median over studies and data sets, the smallest and largest
value, the total number of cells, and how many of the intervals exclude 0. "Same leader": how often both metrics put
the same cell first.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.archive.kept import KEPT, REFERENCE, opened
from gan_bench.stats.tables.score_matrix import comparable
from gan_bench.stats.write.table_files import read_csv

MAIN = (
    "frechet",
    "inception_score",
    "one_nn",
    "kl_classes",
    "classes_covered",
    "coverage",
    "density",
    "modes_captured",
)


def leaders(runs: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Cell with the best median by (data set, metric)."""
    rows = comparable(runs)
    scored = rows[np.isfinite(rows["badness"])]
    medians = scored.groupby(["dataset", "metric", "cell"])["badness"].median().reset_index()
    best = medians.loc[medians.groupby(["dataset", "metric"])["badness"].idxmin()]
    return {(row.dataset, row.metric): row.cell for row in best.itertuples()}


def pairs(study: Path) -> pd.DataFrame:
    """Rows of agreement.csv with two main metrics, with a column `same_leader`."""
    table = read_csv(study / "tables" / "agreement.csv")
    table = table[table["metric_a"].isin(MAIN) & table["metric_b"].isin(MAIN)].dropna(subset=["kendall"]).copy()
    best = leaders(read_csv(study / "tables" / "runs.csv"))
    table["same_leader"] = [
        best.get((r.dataset, r.metric_a)) == best.get((r.dataset, r.metric_b)) for r in table.itertuples()
    ]
    return table


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair of metrics, the most opposed pair last."""
    rows = []
    for names, part in table.groupby(["metric_a", "metric_b"], sort=False):
        clear = (part["kendall_low"] > 0) | (part["kendall_high"] < 0)
        rows.append(
            {
                "metrics": " and ".join(names),
                "tau, median": part["kendall"].median(),
                "range": f"{part['kendall'].min():.2f} to {part['kendall'].max():.2f}",
                "cells": int(part["n"].sum()),
                "intervals without 0": f"{int(clear.sum())} of {len(part)}",
                "same leader": f"{int(part['same_leader'].sum())} of {len(part)}",
            }
        )
    return pd.DataFrame(rows).sort_values("tau, median", ascending=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", type=Path)
    files = parser.parse_args().studies or sorted(REFERENCE.glob(f"*/{KEPT}"))
    with opened(files) as folders:
        print(summary(pd.concat([pairs(folder) for folder in folders])).to_markdown(index=False, floatfmt=".2f"))


if __name__ == "__main__":
    main()
