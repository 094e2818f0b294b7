"""Table and picture of docs/studies/classics.md: textbook models on MNIST, trained on equally many images.

    python benchmarks/studies/classics.py [--tables results/classics/tables] [--picture FILE.png]

The table has a row for each model: G steps, and final scores as mean with 95 % Student t interval over seeds, from
intervals.csv. The picture shows the Fréchet distance (geometric mean over the seeds) against the share of the training.
CPU seconds of training are printed too if the study's folder has Snakemake's benchmark files.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from shown import interval_text, name_lines

from gan_bench.stats.write.table_files import read_csv

METRICS = {"frechet": "Fréchet distance", "inception_score": "Inception Score", "coverage": "coverage, %"}


def scores(tables: Path) -> pd.DataFrame:
    """One row for each model, the best Fréchet distance first; the columns are texts."""
    table = read_csv(tables / "intervals.csv").query("statistic == 'mean' and printed")
    steps = read_csv(tables / "runs.csv").groupby("variant")["g_steps"].first()
    order = table[table["metric"] == "frechet"].sort_values("value")["variant"]
    rows = []
    for model in order:
        row = {"model": model, "G steps": f"{steps[model]:,}"}
        for metric, name in METRICS.items():
            found = table[(table["variant"] == model) & (table["metric"] == metric)]
            factor = 100 if name.endswith("%") else 1
            row[name] = " ".join(
                interval_text(factor * r.value, factor * r.low, factor * r.high) for r in found.itertuples()
            )
        rows.append(row)
    return pd.DataFrame(rows)


def over_training(tables: Path) -> pd.DataFrame:
    """Fréchet distance, geometric mean over seeds: a row for each share of the training, a column for each model."""
    curves = read_csv(tables / "curves.csv").query("metric == 'frechet'").copy()
    curves["share"] = curves["step"] / curves.groupby(["variant", "seed"])["step"].transform("max")
    curves["log"] = np.log(curves["value"])
    return np.exp(curves.pivot_table(index="share", columns="variant", values="log"))


def cpu_seconds(study_folder: Path) -> pd.Series:
    """Smallest and largest CPU seconds of the training jobs of each model, as text, from Snakemake's benchmark files.

    Jobs of less than five seconds are left out: they took a finished run from the store, or were interrupted.
    """
    rows = []
    for file in sorted(study_folder.glob("benchmarks/train/*/*/*.jsonl")):
        seconds = [float(json.loads(line)["cpu_time"] or 0) for line in file.read_text().splitlines()]
        rows += [{"cell": file.parent.name, "seconds": value} for value in seconds if value >= 5]
    ends = pd.DataFrame(rows).groupby("cell")["seconds"].agg(["min", "max"]).round().astype(int)
    return ends["min"].astype(str) + " to " + ends["max"].astype(str)


def picture(tables: Path, file: Path) -> None:
    """Fréchet distance over training on a logarithmic axis, one line for each model with its name at the end."""
    import matplotlib.pyplot as plt

    wide = over_training(tables)
    figure, axis = plt.subplots(figsize=(8, 4.4))
    ends = {}
    for i, model in enumerate(wide.iloc[-1].sort_values().index):
        line = wide[model].dropna()
        axis.plot(100 * line.index, line, color=f"C{i}", marker="o", ms=3)
        ends[model] = (float(line.iloc[-1]), f"C{i}")
    name_lines(axis, 102, ends, 0.17)
    axis.set_yscale("log")
    axis.set_xlim(0, 118)
    axis.set_xticks(range(0, 101, 20))
    axis.set_xlabel("real images shown, % of one pass")
    axis.set_ylabel("Fréchet distance, lower is better")
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/classics/tables"))
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    print(scores(args.tables).to_markdown(index=False))
    print(over_training(args.tables).round(1).to_markdown())
    if (args.tables.parent / "benchmarks").is_dir():  # an archived study has no benchmark files
        print(cpu_seconds(args.tables.parent).to_markdown())
    if args.picture:
        picture(args.tables, args.picture)


if __name__ == "__main__":
    main()
