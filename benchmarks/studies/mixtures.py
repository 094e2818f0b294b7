"""Modes of rings and grids: the tables and the picture of docs/studies/mixtures.md.

    python benchmarks/studies/mixtures.py [--tables results/mixtures/tables ...] [--picture FILE.png]

`--tables` takes the tables of several studies with known modes (mixtures, stacked_digits). A mode is captured if at
least one sample is in it. Means over seeds have 95 % Student t intervals. A run that diverged has no score; the column
"runs" counts the runs with a score. The second table has simultaneous intervals (pairwise.csv) for some pairs of
variants, and the third table has the values that uniform noise would have.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.intervals import mean_interval
from gan_bench.stats.write.table_files import read_csv

VALUES = {"modes_captured": "modes", "high_quality": "in a mode, %", "kl_modes": "KL"}
MODES = {"ring": 8, "grid": 25}
#: Half the side of the square around the centres of all modes, and the standard deviation of a mode. A sample is in a
#: mode if its distance from the centre is at most RADIUS standard deviations.
SQUARE = {"ring": (1.0, 0.01), "grid": (4.0, 0.05)}
RADIUS, SAMPLES = 3, 2500
PAIRS = (
    ("GAN, PacGAN's networks, rate 1e-3", "GAN, PacGAN's networks, rate 1e-4"),
    ("PacGAN2, rate 1e-3", "GAN, PacGAN's networks, rate 1e-3"),
    ("PacGAN4, rate 1e-3", "GAN, PacGAN's networks, rate 1e-3"),
    ("GAN, small networks, rate 1e-3", "GAN, PacGAN's networks, rate 1e-3"),
    ("GAN, small networks, rate 1e-4", "GAN, PacGAN's networks, rate 1e-4"),
    ("Unrolled GAN, small networks", "GAN, small networks, rate 1e-3"),
    ("PacGAN2", "DCGAN"),
    ("PacGAN4", "DCGAN"),
)


def interval(values: pd.Series) -> str:
    """Mean and 95 % Student t interval, as text."""
    mean = values.mean()
    low, high = mean_interval(list(values)) or (np.nan, np.nan)
    digits = 2 if abs(mean) < 2 else 1
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def scores(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each scored run: data set, variant, seed and a column for each value of VALUES."""
    keys = ["dataset", "variant", "seed"]
    table = runs[runs["metric"].isin(VALUES)].pivot_table(index=keys, columns="metric", values="value")
    table["high_quality"] *= 100
    return table.rename(columns=VALUES).reset_index()


def by_variant(table: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """One row for each data set and variant: means with intervals, smallest and largest number of modes."""
    rows = []
    for (dataset, variant), part in table.groupby(["dataset", "variant"], sort=False):
        modes = part["modes"]
        row = {"data": dataset, "variant": variant, "runs": len(part), "modes": interval(modes)}
        row["fewest to most"] = f"{modes.min():.0f} to {modes.max():.0f}"
        row |= {name: interval(part[name]) for name in list(VALUES.values())[1:]}
        rows.append(row)
    result = pd.DataFrame(rows)
    return result.sort_values(["data", "variant"], key=lambda c: c.map(order.index) if c.name == "variant" else c)


def pairs(pairwise: pd.DataFrame) -> pd.DataFrame:
    """Simultaneous intervals of pairwise.csv for PAIRS: modes of a minus modes of b, and KL of a divided by KL of b."""
    rows = []
    for row in pairwise[pairwise["metric"].isin(["modes_captured", "kl_modes"])].to_dict("records"):
        # pairwise.csv has each pair once, with the earlier variant of the study as a.
        for a, b, sign in ((row["a"], row["b"], 1), (row["b"], row["a"], -1)):
            if (a, b) not in PAIRS:
                continue
            values = [sign * row[name] for name in ("difference", "difference_low", "difference_high")]
            value, low, high = np.exp(values) if row["scale"] == "log" else values
            shown = f"{value:.2f} [{min(low, high):.2f}, {max(low, high):.2f}]"
            rows.append({"data": row["dataset"], "metric": row["metric"], "a": a, "b": b, "a - b, or a / b": shown})
    return pd.DataFrame(rows)


def noise() -> pd.DataFrame:
    """Expected number of captured modes, and expected share of samples in a mode, for uniform noise.

    The noise has SAMPLES points, which are uniform in the square around all modes.
    """
    rows = []
    for name, count in MODES.items():
        half, sd = SQUARE[name]
        share = np.pi * (RADIUS * sd) ** 2 / (2 * (half + RADIUS * sd)) ** 2
        row = {"data": name, "modes": count * (1 - (1 - share) ** SAMPLES), "in a mode, %": 100 * count * share}
        rows.append(row)
    return pd.DataFrame(rows).round(1)


def picture(curves: pd.DataFrame, file: Path) -> None:
    """Captured modes during training: one panel for each data set, one line for each variant (mean over seeds)."""
    import matplotlib.pyplot as plt

    curves = curves[curves["metric"] == "modes_captured"]
    datasets = [name for name in MODES if name in set(curves["dataset"])]
    colours = {variant: f"C{i}" for i, variant in enumerate(dict.fromkeys(curves["variant"]))}
    figure, axes = plt.subplots(1, len(datasets), figsize=(10, 4.2), squeeze=False)
    for ax, dataset in zip(axes[0], datasets, strict=True):
        part = curves[curves["dataset"] == dataset]
        for variant, lines in part.groupby("variant", sort=False):
            grouped = lines.groupby("step")["value"]
            mean, error = grouped.mean(), grouped.sem()
            ax.errorbar(
                mean.index, mean, error, label=variant, color=colours[str(variant)], marker="o", ms=4, capsize=2
            )
        ax.axhline(MODES[dataset], color="black", lw=0.8, ls=":")
        ax.set(title=f"{dataset}: {MODES[dataset]} modes", xlabel="G steps", ylabel="modes captured, mean and SE")
        ax.set_ylim(0, 1.06 * MODES[dataset])
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=3, frameon=False, fontsize=8)
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, nargs="+", default=[Path("results/mixtures/tables")])
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    runs = pd.concat([read_csv(folder / "runs.csv") for folder in args.tables])
    table = scores(runs)
    print(by_variant(table, list(dict.fromkeys(runs["variant"]))).to_markdown(index=False, disable_numparse=True))
    print()
    pairwise = pd.concat([read_csv(folder / "pairwise.csv") for folder in args.tables])
    print(pairs(pairwise).to_markdown(index=False))
    print(f"\nUniform noise:\n\n{noise().to_markdown(index=False)}")
    if args.picture:
        picture(pd.concat([read_csv(folder / "curves.csv") for folder in args.tables]), args.picture)


if __name__ == "__main__":
    main()
