"""What explains the score in the study loss_by_optimizer: tables and picture of docs/studies/loss_by_optimizer.md.

    python benchmarks/studies/loss_by_optimizer.py [--tables results/loss_by_optimizer/tables] [--picture FILE.png]

The grid is complete: 6 losses x 4 optimizers x 3 learning rates (low, middle and high for each optimizer) x seeds. The
sum of squares of log(score) is therefore exactly the sum of the parts of loss, optimizer, rate, their interactions and
the seeds. A run without a score gets the worst score of the study. A run failed if it has no score or if its samples
lack classes (failures.py). Intervals come from 2,000 bootstrap resamples of the seeds, independently within each cell.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from failures import scores_by_run

from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import PlannedCell, expand
from gan_bench.stats.estimate.anova import between, resampled_means, sums_of_squares, terms
from gan_bench.stats.write.table_files import read_csv

AXES = ("loss", "optimizer", "rate")
RATES = ("low", "middle", "high")
OPTIMIZERS = ("adam", "rmsprop", "sgd", "adam, sgd for D")
RESAMPLES = 2000
SUMS = ("optimizer, rate and their interaction", "all interactions with the loss")


def place(cell: PlannedCell) -> dict[str, str]:
    """Loss, optimizer and rate of a cell; the rate is that of G."""
    settings = cell.settings
    optimizer = settings["g_optimizer"]["name"]
    if any(trick["name"] == "sgd_discriminator" for trick in settings["tricks"]):
        optimizer = "adam, sgd for D"
    return {
        "cell": cell.id,
        "loss": settings["loss"]["name"],
        "optimizer": optimizer,
        "lr": settings["g_optimizer"]["lr"],
    }


def scores(runs: pd.DataFrame, cells: list[PlannedCell], metric: str, lost: float | None = None) -> pd.DataFrame:
    """One row for each run: loss, optimizer, rate (low, middle, high), seed, score, its logarithm, `failed`."""
    places = pd.DataFrame([place(cell) for cell in cells])
    ranks = places.groupby("optimizer")["lr"].rank(method="dense").astype(int) - 1
    places["rate"] = [RATES[rank] for rank in ranks]
    table = scores_by_run(runs, metric).rename(columns={metric: "value"}).merge(places, on="cell")
    table["log"] = np.log(table["value"].fillna(table["value"].max() if lost is None else lost))
    return table


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Share of the sum of squares of log(score) that each term of the analysis of variance explains, with interval."""
    ordered = table.assign(**{axis: pd.Categorical(table[axis], levels(table, axis)) for axis in AXES})
    values = ordered.sort_values([*AXES, "seed"])["log"].to_numpy()
    shape = tuple(len(levels(table, axis)) for axis in AXES)
    values = values.reshape(*shape, -1)
    n = values.shape[-1]
    flat = values.reshape(-1, n)
    names = [" x ".join(AXES[axis] for axis in term) for term in terms(shape)]
    within = float(((flat - flat.mean(axis=1, keepdims=True)) ** 2).sum())
    observed = _parts(flat.mean(axis=1).reshape(1, *shape), np.array([within]), n)[0]
    means, noise = resampled_means(flat, RESAMPLES, np.random.default_rng(0))
    low, high = np.percentile(_parts(means.reshape(-1, *shape), noise, n), [2.5, 97.5], axis=0)
    columns = {"share": observed, "low": low, "high": high}
    return pd.DataFrame(columns, index=[*names, "loss x optimizer x rate", "seeds", *SUMS])


def _parts(means: np.ndarray, within: np.ndarray, n: int) -> np.ndarray:
    """Shares (resamples, terms): main effects, two-way and three-way interactions, seeds; then the SUMS."""
    squares = sums_of_squares(means, n)
    cells = between(means, n)
    parts = np.column_stack([squares, cells - squares.sum(axis=1), within])
    shares = parts / parts.sum(axis=1, keepdims=True)
    return np.column_stack([shares, shares[:, [1, 2, 5]].sum(axis=1), shares[:, [3, 4, 6]].sum(axis=1)])


def levels(table: pd.DataFrame, axis: str) -> list[str]:
    """Levels of an axis in the order of the tables."""
    fixed = {"rate": RATES, "optimizer": OPTIMIZERS}.get(axis)
    present = set(table[axis])
    return [level for level in fixed or table[axis].drop_duplicates() if level in present]


def middle_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Geometric mean of the scores: a row for each loss, a column for each optimizer and rate."""
    means = table.groupby(["loss", "optimizer", "rate"])["log"].mean()
    wide = np.exp(means).unstack(["optimizer", "rate"])
    return wide.loc[levels(table, "loss"), [(o, r) for o in OPTIMIZERS for r in RATES]]


def best_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Geometric mean of the scores at the best rate of each loss and optimizer, with the number of failed runs."""
    cells = table.groupby(["loss", "optimizer", "rate"], as_index=False).agg(
        log=("log", "mean"), failed=("failed", "sum"), runs=("failed", "size")
    )
    best = cells.loc[cells.groupby(["loss", "optimizer"])["log"].idxmin()].copy()
    best["text"] = [f"{np.exp(r.log):.1f} ({r.rate}; {r.failed} of {r.runs} failed)" for r in best.itertuples()]
    return best.pivot(index="loss", columns="optimizer", values="text").loc[levels(table, "loss"), list(OPTIMIZERS)]


def picture(table: pd.DataFrame, file: Path) -> None:
    """Heat map of the geometric means: losses down, optimizers and rates across."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm

    wide = middle_scores(table)
    scored = table.groupby(["loss", "optimizer", "rate"])["value"].agg(["count", "size"])
    lost = (scored["size"] - scored["count"]).unstack(["optimizer", "rate"])
    runs = int(scored["size"].max())
    figure, axis = plt.subplots(figsize=(9.5, 3.8))
    image = axis.imshow(wide.to_numpy(), cmap="viridis_r", norm=LogNorm(), aspect="auto")
    for y, x in np.ndindex(*wide.shape):
        value = wide.iloc[y, x]
        dark = image.norm(value) > 0.5
        missing = int(lost.loc[wide.index[y], wide.columns[x]])
        text = "all lost" if missing == runs else f"{value:.3g}" + (f"\n{missing} lost" if missing else "")
        axis.text(x, y, text, ha="center", va="center", fontsize=7.5, color="white" if dark else "black")
    axis.set_yticks(range(len(wide)), [name.replace("_", " ") for name in wide.index])
    axis.set_xticks(range(wide.shape[1]), [rate for _, rate in wide.columns], fontsize=8)
    for i, name in enumerate(OPTIMIZERS):
        axis.text(3 * i + 1, len(wide) + 0.25, name, ha="center", va="top", fontsize=10)
        if i:
            axis.axvline(3 * i - 0.5, color="white", lw=3)
    figure.colorbar(image, label="Fréchet distance, lower is better", pad=0.02)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/loss_by_optimizer/tables"))
    parser.add_argument("--lost", type=float, help="score of a run without a score; default: the worst score")
    parser.add_argument("--metric", default="frechet")
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    runs = read_csv(args.tables / "runs.csv")
    table = scores(runs, expand(load_study(runs["study"].iloc[0])).cells, args.metric, args.lost)
    adaptive = table[table["optimizer"].isin(["adam", "rmsprop"])]
    without = adaptive[adaptive["loss"] != "wasserstein"]
    parts = {"all": table, "Adam and RMSProp only": adaptive, "Adam and RMSProp, without Wasserstein": without}
    for name, part in parts.items():
        print(f"Share of the sum of squares of log(score), %: {name}\n")
        print((100 * shares(part)).round(1).to_markdown(), "\n")
    print(best_rates(table).to_markdown(), "\n")
    print(table.groupby("optimizer")["failed"].agg(["sum", "size"]).loc[list(OPTIMIZERS)].to_markdown())
    if args.picture:
        picture(table, args.picture)


if __name__ == "__main__":
    main()
