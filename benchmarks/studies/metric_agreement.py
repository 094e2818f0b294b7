"""Which metrics agree over the runs of all published studies: the table of docs/studies/metric_agreement.md.

    python benchmarks/studies/metric_agreement.py [STUDY.zip ...]      (default: all of results/reference)

A cell is a variant on a data set. For each study and data set, agreement.csv has Kendall's tau-b for each pair of
metrics, over the cells (medians over seeds). The table summarises the values of tau of each pair of metrics over all
studies and data sets:

- the median, smallest and largest tau;
- "better half": the median of tau if it is computed from the better half of the cells. These have a Fréchet distance
  below the median of their study and data set. This leaves out failed cells, which make all metrics agree;
- the total number of cells;
- how many of the intervals of tau exclude 0;
- "same leader": how often both metrics put the same cell first.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

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


#: A pair of metrics with fewer cells in common, in a study and data set, is left out.
FEWEST_CELLS = 6


def medians(runs: pd.DataFrame) -> pd.DataFrame:
    """Medians over seeds of the scores, changed so that lower is better. Rows: (data set, cell). Columns: metrics."""
    rows = comparable(runs)
    scored = rows[np.isfinite(rows["badness"]) & rows["metric"].isin(MAIN)]
    return scored.pivot_table(index=["dataset", "cell"], columns="metric", values="badness", aggfunc="median")


def pairs(study: Path) -> pd.DataFrame:
    """Rows of agreement.csv whose metrics are both in MAIN, with new columns `better_half` (tau) and `same_leader`."""
    table = read_csv(study / "tables" / "agreement.csv")
    table = table[table["metric_a"].isin(MAIN) & table["metric_b"].isin(MAIN) & (table["n"] >= FEWEST_CELLS)]
    table = table.dropna(subset=["kendall"]).copy()
    by_dataset = dict(list(medians(read_csv(study / "tables" / "runs.csv")).groupby("dataset")))
    better, same = [], []
    for row in table.itertuples():
        scores = by_dataset[row.dataset]
        both = scores[[row.metric_a, row.metric_b]].dropna()
        good = both[scores.loc[both.index, "frechet"] < scores["frechet"].median()]
        better.append(stats.kendalltau(good[row.metric_a], good[row.metric_b]).statistic if len(good) > 1 else np.nan)
        same.append(both[row.metric_a].idxmin() == both[row.metric_b].idxmin())
    return table.assign(better_half=better, same_leader=same)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair of metrics; the pair with the smallest median tau is last."""
    rows = []
    for names, part in table.groupby(["metric_a", "metric_b"], sort=False):
        clear = (part["kendall_low"] > 0) | (part["kendall_high"] < 0)
        rows.append(
            {
                "metrics": " and ".join(names),
                "tau, median": part["kendall"].median(),
                "better half": part["better_half"].median(),
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
