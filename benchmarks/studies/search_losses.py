"""Tables and picture of docs/studies/search_losses.md: what a search changes in the comparison of losses.

    python benchmarks/studies/search_losses.py [--tables results/search_losses/tables] [--picture FILE.png]

The first table has a row for each loss: expected best validation score after 1, 3 and 12 trials, the chosen settings,
and the test score of the new seeds. The second table answers how often each of the perceptrons' losses would be first,
if everybody had only k trials: k trials of each loss are drawn 20,000 times without replacement, and the loss with the
best validation score is first. The third table has the median validation score for each value of beta1.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

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
    """A table of the search with the short name of the loss."""
    table = read_csv(tables / file)
    return table.assign(loss=table["variant"].map(NAMES))


def overview(tables: Path) -> pd.DataFrame:
    """One row for each loss: expected best after TRIALS, chosen settings, test score with its interval."""
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
            f"best of {k}": _interval(*curve.loc[k, ["expected_best", "expected_low", "expected_high"]]) for k in TRIALS
        }
        test = _interval(*scores.loc[choice.loss, ["value", "low", "high"]])
        settings = {"settings": choice.settings.replace("optimizer.", "").replace("penalty.", "")}
        rows.append({"loss": choice.loss, **expected, **settings, "test": test, "optimism": choice.optimism})
    return pd.DataFrame(rows)


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"


def shares_of_first(trials: pd.DataFrame, losses: tuple[str, ...], draws: int = DRAWS) -> pd.DataFrame:
    """Share of the draws of k trials of each loss in which a loss has the best validation score; a row for each k."""
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


def scores_by_beta1(trials: pd.DataFrame) -> pd.DataFrame:
    """Median validation score of the trials: a row for each loss, a column for each value of beta1."""
    beta1 = trials["settings"].str.extract(r"beta1=([\d.]+)")[0].astype(float)
    return trials.assign(beta1=beta1).pivot_table(
        index="loss", columns="beta1", values="validation_score", aggfunc="median"
    )


def picture(tables: Path, file: Path) -> None:
    """Expected best validation score against the number of trials, one line for each loss; logarithmic."""
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
    place = 0.0
    for loss, (value, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        place = max(np.log(value), place + 0.16)  # labels that would overlap are moved up
        axis.text(12.2, np.exp(place), loss, color=colour, va="center", fontsize=9)
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
    trials = by_loss(args.tables, "search_trials.csv")
    print(overview(args.tables).to_markdown(index=False, floatfmt=".2f"), "\n")
    for losses in (ALIKE, (*ALIKE, "WGAN-GP")):
        print((100 * shares_of_first(trials, losses)).round(0).to_markdown(), "\n")
    print(scores_by_beta1(trials).round(1).to_markdown())
    if args.picture:
        picture(args.tables, args.picture)


if __name__ == "__main__":
    main()
