"""Table and picture of docs/studies/augmentation.md: what generated images and D's features are worth with few labels.

    python benchmarks/studies/augmentation.py [--tables results/augmentation/tables] [--picture FILE.png]

All numbers are in per cent. They are means over seeds of the GAN, with 95 % intervals by Student's t. The accuracy
without generated images and the accuracy on pixels have no interval, because they do not depend on the GAN.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.intervals import mean_interval
from gan_bench.stats.write.table_files import read_csv

SHARES = (1, 5, 10)
GANS = {"conditional DCGAN": "C0", "ACGAN": "C1", "DCGAN": "C2"}


def percent(runs: pd.DataFrame, variant: str, metric: str) -> np.ndarray:
    """Values of a metric for the seeds of a variant, in per cent; empty if the variant has no such values."""
    rows = runs[(runs["variant"] == variant) & (runs["metric"] == metric)]
    return 100 * rows["value"].dropna().to_numpy()


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each quantity, one column for each share of the labels that is used."""
    rows = {"real images only": {s: f"{percent(runs, 'ACGAN', f'augmentation_base_{s}').mean():.1f}" for s in SHARES}}
    for variant in ("conditional DCGAN", "ACGAN"):
        rows[f"gain by images of {variant}"] = {
            s: _shown(percent(runs, variant, f"augmentation_gain_{s}")) for s in SHARES
        }
    rows["pixels, linear"] = {s: f"{_pixels(runs, s):.1f}" for s in SHARES}
    for variant in ("DCGAN", "ACGAN"):
        gain, learnt = (
            [percent(runs, variant, f"d_features_{kind}_{s}") for s in SHARES] for kind in ("gain", "learnt")
        )
        untrained = [g - x for g, x in zip(gain, learnt, strict=True)]
        for name, values in (("gain", gain), ("gain before training", untrained), ("learnt", learnt)):
            rows[f"D's features of {variant}, {name}"] = dict(zip(SHARES, map(_shown, values), strict=True))
    return pd.DataFrame(rows).T


def _pixels(runs: pd.DataFrame, share: int) -> float:
    """Accuracy of a logistic regression on pixels, in per cent."""
    accuracy, gain = (percent(runs, "DCGAN", f"d_features_{kind}_{share}") for kind in ("accuracy", "gain"))
    return float((accuracy - gain).mean())


def _shown(values: np.ndarray) -> str:
    low, high = mean_interval(list(values)) or (np.nan, np.nan)
    return f"{values.mean():.1f} [{low:.1f}, {high:.1f}]"


def picture(runs: pd.DataFrame, file: Path) -> None:
    """Two panels: accuracy with and without generated images, and accuracy on pixels and on D's features."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    places = np.arange(len(SHARES))
    base = [percent(runs, "ACGAN", f"augmentation_base_{s}").mean() for s in SHARES]
    _line(left, places, base, "black", "kept real images")
    for variant in ("conditional DCGAN", "ACGAN"):
        gains = [percent(runs, variant, f"augmentation_gain_{s}") for s in SHARES]
        values = [b + g.mean() for b, g in zip(base, gains, strict=True)]
        _line(left, places, values, GANS[variant], f"and images of {variant}")
    only = percent(runs, "conditional DCGAN", "gan_train").mean()
    left.axhline(only, color=GANS["conditional DCGAN"], ls=":", label="only images of conditional DCGAN")
    _line(right, places, [_pixels(runs, s) for s in SHARES], "black", "pixels")
    accuracy = [percent(runs, "DCGAN", f"d_features_accuracy_{s}") for s in SHARES]
    learnt = [percent(runs, "DCGAN", f"d_features_learnt_{s}") for s in SHARES]
    _line(right, places, [a.mean() for a in accuracy], GANS["DCGAN"], "features of DCGAN's D")
    untrained = [(a - x).mean() for a, x in zip(accuracy, learnt, strict=True)]
    _line(right, places, untrained, "grey", "the same D before training")
    left.set_ylabel("accuracy on test images, %")
    for axis, title in ((left, "a small network"), (right, "logistic regression")):
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xticks(places, [f"{s} %" for s in SHARES])
        axis.set_xlabel("labels")
        axis.legend(frameon=False, fontsize=8, loc="lower right")
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def _line(axis: Any, places: np.ndarray, values: list[float], colour: str, label: str) -> None:
    axis.plot(places, values, color=colour, marker="o", ms=4, label=label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/augmentation/tables"))
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    runs = read_csv(args.tables / "runs.csv")
    print(table(runs).to_markdown(), "\n")
    for variant in ("conditional DCGAN", "ACGAN"):
        for metric in ("gan_train", "gan_base", "gan_test"):
            print(f"{variant}, {metric}: {_shown(percent(runs, variant, metric))}")
    if args.picture:
        picture(runs, args.picture)


if __name__ == "__main__":
    main()
