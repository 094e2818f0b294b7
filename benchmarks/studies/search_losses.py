"""Tables and picture of docs/studies/search_losses.md: what a search changes in the comparison of losses.

    python benchmarks/studies/search_losses.py [--tables results/search_losses/tables] [--picture FILE.png]

The first table has a row for each loss: expected best validation score after 1, 3 and 12 trials, the chosen settings,
and the validation and test scores of the runs of these settings with new seeds. For the second table, k trials of each
loss are drawn 20,000 times, without replacement, from the trials of the search. The table has the share of draws in
which each loss has the best validation score. The third table has the number of trials and their median validation
score for each loss and value of beta1. The fourth table lists the trials of the losses in ALIKE with beta1 = 0 in the
order of their learning rates.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from shown import interval_text, name_lines

from gan_bench.stats.write.table_files import read_csv

DRAWS = 20_000
TRIALS = (1, 3, 12)
NAMES = {
    "mlp · minimax · adam": "minimax",
    "mlp · non_saturating · adam": "non-saturating",
    "mlp · least_squares · adam": "least squares",
    "mlp · hinge · adam": "hinge",
    "mlp · relativistic · adam": "relativistic",
    "mlp · wasserstein · gradient_penalty · adam": "WGAN-GP",
    "BEGAN": "BEGAN",
}
#: Columns of search_curves.csv.
EXPECTED = ["expected_best", "expected_low", "expected_high"]
#: The losses whose variants have one D step per G step and the same networks.
ALIKE = ("minimax", "non-saturating", "least squares", "hinge", "relativistic")


def by_loss(tables: Path, file: str) -> pd.DataFrame:
    """A table of the search, with the short name of each variant's loss in the column `loss`."""
    table = read_csv(tables / file)
    return table.assign(loss=table["variant"].map(NAMES))


def overview(tables: Path) -> pd.DataFrame:
    """One row for each loss: expected best score after 1, 3 and 12 trials, chosen settings, and final scores."""
    curves, chosen = by_loss(tables, "search_curves.csv"), by_loss(tables, "search_chosen.csv")
    scores = (
        by_loss(tables, "intervals.csv")
        .query("metric == 'frechet' and statistic == 'mean' and printed")
        .set_index("loss")
    )
    rows = []
    for choice in chosen.itertuples():
        curve = curves[curves["loss"] == choice.loss].set_index("trials")
        expected = {
            f"best of {k}": interval_text(*curve.loc[k, ["expected_best", "expected_low", "expected_high"]])
            for k in TRIALS
        }
        test = interval_text(*scores.loc[choice.loss, ["value", "low", "high"]])
        settings = {"settings": choice.settings.replace("optimizer.", "").replace("penalty.", "")}
        scored = {"validation": choice.final_validation_score, "test": test, "optimism": choice.optimism}
        rows.append({"loss": choice.loss, **expected, **settings, **scored})
    return pd.DataFrame(rows)


def shares_of_first(trials: pd.DataFrame, losses: tuple[str, ...], draws: int = DRAWS) -> pd.DataFrame:
    """Share of the draws of k trials in which each loss has the best validation score: a row for each k."""
    rng = np.random.default_rng(0)
    rows = []
    for k in (1, 3, 6, 9, 12):
        best = []
        for loss in losses:
            scores = trials.loc[trials["loss"] == loss, "validation_score"].to_numpy()
            orders = rng.permuted(np.tile(scores, (draws, 1)), axis=1)
            best.append(orders[:, :k].min(axis=1))
        first = np.argmin(best, axis=0)
        rows.append({"k": k, **{loss: (first == i).mean() for i, loss in enumerate(losses)}})
    return pd.DataFrame(rows).set_index("k")


def with_settings(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with their settings `beta1` and `lr` as columns."""
    drawn = {name: trials["settings"].str.extract(rf"\.{name}=([-\d.e]+)")[0].astype(float) for name in ("beta1", "lr")}
    return trials.assign(**drawn)


def scores_by_beta1(trials: pd.DataFrame) -> pd.DataFrame:
    """Number and median validation score of the trials: a row for each loss, columns for each value of beta1."""
    return trials.pivot_table(index="loss", columns="beta1", values="validation_score", aggfunc=["count", "median"])


def scores_by_rate(trials: pd.DataFrame) -> pd.DataFrame:
    """Rate and validation score of the trials of ALIKE losses with beta1 = 0, smallest rate first."""
    chosen = trials[trials["loss"].isin(ALIKE) & (trials["beta1"] == 0)]
    return chosen.sort_values("lr")[["lr", "loss", "validation_score"]]


def picture(tables: Path, file: Path) -> None:
    """Expected best validation score against the number of trials, a line for each loss. The y axis is logarithmic."""
    import matplotlib.pyplot as plt

    curves = by_loss(tables, "search_curves.csv")
    figure, axis = plt.subplots(figsize=(8, 4.2))
    ends = {}
    for i, loss in enumerate(NAMES.values()):
        curve = curves[curves["loss"] == loss]
        colour = f"C{i}"
        axis.plot(curve["trials"], curve["expected_best"], color=colour, marker="o", ms=3)
        axis.fill_between(
            curve["trials"], curve["expected_low"], curve["expected_high"], color=colour, alpha=0.08, lw=0
        )
        ends[loss] = (float(curve["expected_best"].iloc[-1]), colour)
    name_lines(axis, 12.2, ends, 0.16)
    axis.set_yscale("log")
    axis.set_yticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
    axis.set_xlim(0.8, 14.6)
    axis.set_xticks(range(1, 13))
    axis.set_xlabel("trials of each loss")
    axis.set_ylabel("expected best Fréchet distance\non validation images (lower is better)")
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/search_losses/tables"))
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    trials = with_settings(by_loss(args.tables, "search_trials.csv"))
    print(overview(args.tables).to_markdown(index=False, floatfmt=".2f"), "\n")
    for losses in (ALIKE, (*ALIKE, "WGAN-GP")):
        print((100 * shares_of_first(trials, losses)).round(0).to_markdown(), "\n")
    print(scores_by_beta1(trials).round(1).to_markdown(), "\n")
    print(scores_by_rate(trials).to_markdown(index=False))
    if args.picture:
        picture(args.tables, args.picture)


if __name__ == "__main__":
    main()
