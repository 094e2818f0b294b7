"""Tests of claims about sunflowers and plain SGD: tables and picture of docs/studies/sunflower_sweep.md.

    python benchmarks/studies/sunflower_sweep.py [--tables FOLDER ...] [--picture FILE.png]

The tables are those of two studies: sunflower_sweep (drawn flowers) and sunflower_photos. Each row of the first table
is a claim on a data set, with the number of runs that agree with it, or with a correlation over runs. An exact binomial
test compares this number with half of the runs. Spearman's correlation has a permutation p value.

All p values have Holm's correction over all tests. A claim has one of four verdicts:

- "holds": p < 0.05, and the effect has the claimed sign;
- "does not hold": p < 0.05, and the effect has the opposite sign;
- "depends on the rate": p is 0.05 or more, and the runs that agree have larger or smaller rates than the others
  (p_rate < 0.05);
- "not decided": the rest.

Runs that diverged have no losses in the second half, and are left out of the tests of the losses. The third table
counts these runs.
"""

import argparse
import functools
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from scipy import stats

from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.write.table_files import read_csv

STUDIES = ("sunflower_sweep", "sunflower_photos")
KNOWN_KINDS = "drawn"
"""The data set whose kinds of pictures are known: face-on, side view, odd."""
Test = tuple[float, float, float, str]
"""Effect, p value of the effect, p value of its dependence on the rate (or NaN), and the measurement in words."""
FIRST, EARLY, LATE = 0.02, 0.1, 0.5
"""First: 2 % of the steps (10 epochs). Early: 10 % (50 epochs). Late: the second half."""


@functools.cache
def rates() -> dict[str, float]:
    """Learning rate of each cell."""
    cells = [cell for study in STUDIES for cell in expand(load_study(study)).cells]
    return {cell.id: cell.settings["g_optimizer"]["lr"] for cell in cells}


def wide_scores(curves: pd.DataFrame) -> pd.DataFrame:
    """One row for each run and each step with scores: learning rate, step, epoch and a column for each metric."""
    keys = ["dataset", "cell", "seed", "step"]
    table = curves.pivot_table(index=keys, columns="metric", values="value").reset_index()
    table["lr"] = table["cell"].map(rates())
    last = table.groupby("dataset")["step"].transform("max")
    table["epoch"] = (500 * table["step"] / last).round().astype(int)
    return table


def losses(histories: pd.DataFrame) -> pd.DataFrame:
    """One row for each run that did not diverge: shares and trends of the losses of D and G.

    `g_below_d_first`, `g_below_d`: share of the log points in the first 2 % and 10 % of the steps at which G's loss is
    below D's. `d_trend`, `g_trend`: Spearman's correlation of a loss with the step in the second half of the training.
    `d_fake`: mean D(G(z)) in this half, which is low if D is stronger.
    """
    rows = []
    ends = histories.groupby("dataset", observed=True)["step"].max()
    for (dataset, cell, seed), run in histories.groupby(["dataset", "cell", "seed"], observed=True):
        place = run["step"] / ends[dataset]
        if place.max() < 1:
            continue
        first, early, late = run[place <= FIRST], run[place <= EARLY], run[place > LATE]
        row = {"dataset": str(dataset), "cell": str(cell), "seed": int(seed)}
        row["g_below_d_first"] = float((first["g_loss"] < first["d_loss"]).mean())
        row["g_below_d"] = float((early["g_loss"] < early["d_loss"]).mean())
        row["d_trend"] = float(stats.spearmanr(late["step"], late["d_loss"])[0])
        row["g_trend"] = float(stats.spearmanr(late["step"], late["g_loss"])[0])
        row["d_fake"] = float(late["d_fake"].mean())
        rows.append(row)
    return pd.DataFrame(rows)


def losses_by_rate(runs: pd.DataFrame) -> pd.DataFrame:
    """For each data set and rate: how many runs have the claimed losses, and the mean of D(G(z)) in the second half."""
    table = runs.assign(lr=runs["cell"].map(rates()))
    table["G below D early"] = table["g_below_d"] > 0.5
    table["D falls late"] = table["d_trend"] < 0
    table["G climbs late"] = table["g_trend"] > 0
    columns = ["G below D early", "D falls late", "G climbs late"]
    grouped = table.groupby(["dataset", "lr"])
    return grouped[columns].sum().assign(runs=grouped.size(), d_fake=grouped["d_fake"].mean().round(3))


def trend(x: pd.Series, y: pd.Series) -> tuple[float, float]:
    """Spearman's correlation and its permutation p value (two-sided, 9,999 permutations, seed 0)."""
    x, y = x.to_numpy(float), y.to_numpy(float)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0, 1.0

    def rho(order: np.ndarray) -> float:
        return float(stats.spearmanr(order, y)[0])

    test = stats.permutation_test(
        (x,), rho, permutation_type="pairings", n_resamples=9999, rng=np.random.default_rng(0)
    )
    return float(test.statistic), float(test.pvalue)


def counted(agree: pd.Series) -> Test:
    """(Share of runs that agree) - 1/2, binomial p value, p value of a trend over rates, and the count in words."""
    count, n = int(agree.sum()), len(agree)
    values = pd.Series(agree.index.get_level_values("cell").map(rates()))
    _, p_rate = trend(values, agree.astype(float))
    return count / n - 0.5, float(stats.binomtest(count, n).pvalue), p_rate, f"{count} of {n} runs"


def correlated(x: pd.Series, y: pd.Series) -> Test:
    """Correlation, p value, NaN (in place of a p value of the rate), and the measurement in words.

    The caller chooses signs so that a positive value agrees with the claim.
    """
    value, p = trend(x, y)
    return value, p, np.nan, f"rho {value:+.2f}, {len(x)} runs"


def claims(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each claim and data set: effect (positive agrees with the claim), p values, words, verdict."""
    keys = ["dataset", "cell", "seed"]
    last = scores[scores["epoch"] == 500].set_index(keys)
    first = scores[scores["epoch"] == 100].set_index(keys)
    joined = runs.set_index(keys)
    tests: dict[str, Callable[[str], Test]] = {
        "a larger rate is better after 100 epochs": lambda d: correlated(first.loc[d]["lr"], -first.loc[d]["frechet"]),
        "a larger rate is better after 500 epochs": lambda d: correlated(last.loc[d]["lr"], -last.loc[d]["frechet"]),
        "in the first 10 epochs, G's loss lies below D's": lambda d: counted(joined.loc[d]["g_below_d_first"] > 0.5),
        "in the first 50 epochs, G's loss lies below D's": lambda d: counted(joined.loc[d]["g_below_d"] > 0.5),
        "late, D's loss falls": lambda d: counted(joined.loc[d]["d_trend"] < 0),
        "late, G's loss climbs": lambda d: counted(joined.loc[d]["g_trend"] > 0),
        "late pictures are less varied than those of epoch 100": lambda d: counted(
            last.loc[d]["coverage"] < first.loc[d]["coverage"].reindex(last.loc[d].index)
        ),
        "where D is stronger, fewer kinds of pictures are covered": lambda d: correlated(
            joined.loc[d]["d_fake"].reindex(last.loc[d].index), last.loc[d]["coverage"]
        ),
    }
    rows = [(claim, dataset, *test(dataset)) for claim, test in tests.items() for dataset in scores["dataset"].unique()]
    rows.append(
        ("late, at least 90 % of the samples are face-on", KNOWN_KINDS, *counted(face_on(last.loc[KNOWN_KINDS])))
    )
    table = pd.DataFrame(rows, columns=["claim", "data", "effect", "p", "p_rate", "measured"])
    tested = table[["p", "p_rate"]].to_numpy().ravel()
    known = ~np.isnan(tested)
    tested[known] = holm(tested[known])
    table[["p", "p_rate"]] = tested.reshape(-1, 2)
    clear = np.where(table["effect"] > 0, "holds", "does not hold")
    unclear = np.where(table["p_rate"] < 0.05, "depends on the rate", "not decided")
    table["verdict"] = np.where(table["p"] < 0.05, clear, unclear)
    return table


def face_on(scores: pd.DataFrame) -> pd.Series:
    """Mask of the runs with at least 90 % of the samples in the largest class of the data, the face-on flowers.

    If all samples are face-on, their divergence from the data is -log 0.7 = 0.36; if all are side views, it is 1.5.
    """
    return (scores["top_class"] >= 0.9) & (scores["kl_classes"] < 0.5)


def outcomes(runs: pd.DataFrame) -> pd.DataFrame:
    """Number of runs of each data set and learning rate by the detector's verdict."""
    table = runs.drop_duplicates(["dataset", "cell", "seed"]).copy()
    table["lr"] = table["cell"].map(rates())
    return table.pivot_table(index=["dataset", "lr"], columns="verdict", values="seed", aggfunc="count", fill_value=0)


def by_rate(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over seeds of the main scores at epochs 100, 200 and 500, for each rate."""
    metrics = [m for m in ("frechet", "coverage", "top_class", "kl_classes") if m in scores]
    part = scores[scores["epoch"].isin([100, 200, 500])]
    grouped = part.groupby(["dataset", "lr", "epoch"])[metrics].agg(["mean", "std"])
    return pd.DataFrame(
        {m: [f"{a:.3g} ± {s:.2g}" for a, s in grouped[m].itertuples(index=False)] for m in metrics}, index=grouped.index
    )


def picture(scores: pd.DataFrame, histories: pd.DataFrame, media: pd.DataFrame, file: Path) -> None:
    """From top to bottom: losses of D and G, the score, and samples of the first seed. One column for each data set."""
    import matplotlib.pyplot as plt

    datasets = list(scores["dataset"].unique())
    ratios = {"height_ratios": [3, 3, 4]}
    figure, axes = plt.subplots(3, len(datasets), figsize=(5.5 * len(datasets), 9), squeeze=False, gridspec_kw=ratios)
    values = sorted(set(scores["lr"]))  # a rate whose runs all diverged has no score
    colours = dict(zip(values, plt.get_cmap("viridis")(np.linspace(0, 0.85, len(values))), strict=True))
    lr = histories["cell"].astype(str).map(rates())
    for column, dataset in enumerate(datasets):
        of_data = histories["dataset"] == dataset
        last = histories.loc[of_data, "step"].max()
        for value, colour in colours.items():
            part = histories[of_data & (lr == value)]
            for name, line in (("d_loss", "-"), ("g_loss", ":")):
                median = part.groupby("step")[name].median()
                axes[0, column].plot(500 * median.index / last, median, line, color=colour, lw=1)
            score = scores[(scores["dataset"] == dataset) & (scores["lr"] == value)].groupby("epoch")["frechet"]
            axes[1, column].plot(score.median(), "o-", color=colour, label=f"rate {value:g}")
        axes[0, column].set(title=f"{dataset}: loss of D (solid) and G (dotted)", xlabel="epoch", ylabel="loss")
        axes[1, column].set(xlabel="epoch", ylabel="Fréchet distance, lower is better", yscale="log")
        axes[1, column].legend(fontsize=8)
        show_samples(axes[2, column], media[media["dataset"] == dataset], values)
    figure.tight_layout()
    figure.savefig(file, dpi=100)


def show_samples(axes: Any, media: pd.DataFrame, values: list[float]) -> None:
    """Two rows of samples of the first seed for each learning rate."""
    first = media[media["seed"] == media["seed"].min()]
    strips = []
    for value in values:
        sheet = first.loc[first["cell"].astype(str).map(rates()) == value, "samples_png"].iloc[0]
        pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
        strips.append(pixels[: pixels.shape[0] // 4])
    height = strips[0].shape[0]
    axes.imshow(np.vstack(strips), cmap="gray", aspect="equal")
    axes.set_yticks([height * (place + 0.5) for place in range(len(values))], [f"rate {value:g}" for value in values])
    axes.set_xticks([])
    axes.set_title("samples after 500 epochs, seed 0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = [Path("results") / study / "tables" for study in STUDIES]
    parser.add_argument("--tables", type=Path, nargs="+", default=default)
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    scores = wide_scores(pd.concat([read_csv(folder / "curves.csv") for folder in args.tables]))
    histories = pd.concat([pd.read_parquet(folder / "histories.parquet") for folder in args.tables])
    runs = pd.concat([read_csv(folder / "runs.csv") for folder in args.tables])
    print(claims(scores, losses(histories)).to_markdown(index=False, floatfmt=".3f"), "\n")
    print(losses_by_rate(losses(histories)).to_markdown(), "\n")
    print(outcomes(runs).to_markdown(), "\n")
    print(by_rate(scores).to_markdown())
    if args.picture:
        media = pd.concat([pd.read_parquet(folder / "media.parquet") for folder in args.tables])
        picture(scores, histories, media, args.picture)


if __name__ == "__main__":
    main()
