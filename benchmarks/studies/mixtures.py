"""Modes of rings and grids: the tables and the picture of docs/studies/mixtures.md.

    python benchmarks/studies/mixtures.py [--tables results/mixtures/tables ...] [--picture FILE.png]

`--tables` takes the tables of several studies with known modes (mixtures, stacked_digits). A mode is captured if at
least one sample is in it. Means over seeds have 95 % Student t intervals. A run that diverged has no score; the column
"runs" counts the others. The second table compares pairs of variants on the same seeds: the mean difference of captured
modes, and the p value of a permutation test on the signs of the differences, with Holm's correction over the table.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.write.table_files import read_csv

VALUES = {"modes_captured": "modes", "high_quality": "in a mode, %", "kl_modes": "KL"}
MODES = {"ring": 8, "grid": 25}
#: Half the side of the square around all modes, and the standard deviation of a mode. A mode ends at RADIUS deviations.
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
    mean, n = values.mean(), len(values)
    half = stats.t.ppf(0.975, n - 1) * values.std() / np.sqrt(n) if n > 1 else np.nan
    digits = 2 if abs(mean) < 2 else 1
    return f"{mean:.{digits}f} [{mean - half:.{digits}f}, {mean + half:.{digits}f}]"


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


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each data set and pair of PAIRS: mean difference of captured modes, seeds, p value after Holm."""
    rows = []
    for dataset, part in table.groupby("dataset"):
        wide = part.pivot_table(index="seed", columns="variant", values="modes")
        for a, b in PAIRS:
            if not {a, b} <= set(wide.columns):
                continue
            gaps = (wide[a] - wide[b]).dropna()
            p = stats.permutation_test((gaps,), np.mean, permutation_type="samples", n_resamples=99999).pvalue
            rows.append({"data": dataset, "pair": f"{a} - {b}", "seeds": len(gaps), "modes": gaps.mean(), "p": p})
    result = pd.DataFrame(rows)
    result["p"] = holm(result["p"].to_numpy())
    return result.round({"modes": 2, "p": 4})


def noise() -> pd.DataFrame:
    """Expected modes and share of samples in a mode for SAMPLES points that are uniform in the square of all modes."""
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
    print(pairs(table).to_markdown(index=False))
    print(f"\nUniform noise:\n\n{noise().to_markdown(index=False)}")
    if args.picture:
        picture(pd.concat([read_csv(folder / "curves.csv") for folder in args.tables]), args.picture)


if __name__ == "__main__":
    main()
