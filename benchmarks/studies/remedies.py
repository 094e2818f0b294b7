"""Cure rates of the study remedies: the table and the picture of docs/studies/remedies.md.

    python benchmarks/studies/remedies.py [--tables results/remedies/tables] [--picture FILE.png]

A seed counts only if its run of the variant "collapsing" ended before the last planned step. A run is cured if it has
scores and the detector does not call it collapsed. Also, its final samples must cover at least nine of the ten classes,
and no class may have more than half of the samples. Cure rates have Wilson's intervals. Each remedy is compared with
"nothing changed" on the same seeds by McNemar's exact test, with Holm's correction. For each seed, the score under the
remedy is divided by the score of "nothing changed". The ratio of scores is the geometric mean of these quotients. Its t
intervals have Bonferroni's correction: in at least 95 % of studies, all of them contain their true ratios.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from failures import lacks_classes
from scipy import stats

from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.write.names import COLLAPSED, LOST
from gan_bench.stats.write.table_files import read_csv

CONTROL, COLLAPSING = "nothing changed", "collapsing"


def outcomes(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each run on a seed that counts, except runs of the variant "collapsing".

    Columns: variant, seed, cured, classes, and score or NaN.
    """
    keys = ["dataset", "variant", "seed", "status", "verdict", "g_steps"]
    table = runs.pivot_table(index=keys, columns="metric", values="value", dropna=False).dropna(how="all").reset_index()
    covered = ~lacks_classes(table)
    table["cured"] = covered & ~table["status"].isin(LOST) & ~table["verdict"].isin(COLLAPSED)
    full = table["g_steps"].max()
    ended = table[(table["variant"] == COLLAPSING) & (table["g_steps"] < full)]["seed"]
    table = table[table["seed"].isin(ended) & (table["variant"] != COLLAPSING)].copy()
    return table[["variant", "seed", "cured", "classes_covered", "frechet"]]


def cures(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each remedy and "nothing changed": cured runs, share with interval, p value, ratio of scores."""
    control = table[table["variant"] == CONTROL].set_index("seed")
    level = 0.05 / (table["variant"].nunique() - 1)
    rows = []
    for variant, part in table.groupby("variant", sort=False):
        own = part.set_index("seed").reindex(control.index)
        cured = own["cured"].fillna(False).astype(bool)
        low, high = wilson_interval(int(cured.sum()), len(cured)) or (np.nan, np.nan)
        gained, lost = int((cured & ~control["cured"]).sum()), int((~cured & control["cured"]).sum())
        p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
        ratio = np.log(own["frechet"] / control["frechet"]).dropna()
        half = stats.t.ppf(1 - level / 2, len(ratio) - 1) * ratio.std() / np.sqrt(len(ratio))
        rows.append(
            {
                "remedy": variant,
                "cured": f"{int(cured.sum())} of {len(cured)}",
                "low": low,
                "high": high,
                "share": cured.mean(),
                "gained": gained,
                "lost": lost,
                "p": np.nan if variant == CONTROL else p,
                "classes": own["classes_covered"].median(),
                "score": np.exp(np.log(own["frechet"]).mean()),
                "ratio": np.exp(ratio.mean()),
                "ratio_low": np.exp(ratio.mean() - half),
                "ratio_high": np.exp(ratio.mean() + half),
            }
        )
    result = pd.DataFrame(rows)
    result["p"] = holm(result["p"].to_numpy())
    result = result.sort_values("ratio")
    return result


def picture(result: pd.DataFrame, file: Path) -> None:
    """Cure rate (left) and ratio of scores (right) of each remedy, both with intervals."""
    import matplotlib.pyplot as plt

    rows = result.iloc[::-1]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 0.35 * len(rows) + 1), sharey=True)
    for y, row in enumerate(rows.itertuples()):
        changed = row.ratio_high < 1 or row.ratio_low > 1
        colour = "#777777" if not changed else "#1b7837" if row.ratio < 1 else "#b2182b"
        left.plot([100 * row.low, 100 * row.high], [y, y], color="#777777", lw=2)
        left.plot(100 * row.share, y, "o", color="#777777")
        right.plot([row.ratio_low, row.ratio_high], [y, y], color=colour, lw=2)
        right.plot(row.ratio, y, "o", color=colour)
    left.set(yticks=range(len(rows)), yticklabels=rows["remedy"], xlim=(-1, 31), xlabel="cured runs, %")
    right.axvline(1, color="black", lw=0.8)
    right.set(xlabel="Fréchet distance / that of 'nothing changed'\n(below 1: better)")
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/remedies/tables"))
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    result = cures(outcomes(read_csv(args.tables / "runs.csv")))
    if args.picture:
        picture(result, args.picture)
    result["cured, % [interval]"] = [
        f"{100 * r.share:.0f} [{100 * r.low:.0f}, {100 * r.high:.0f}]" for r in result.itertuples()
    ]
    result["score / nothing changed"] = [
        f"{r.ratio:.2f} [{r.ratio_low:.2f}, {r.ratio_high:.2f}]" for r in result.itertuples()
    ]
    shown = [
        "remedy",
        "cured",
        "cured, % [interval]",
        "gained",
        "lost",
        "p",
        "classes",
        "score",
        "score / nothing changed",
    ]
    print(result[shown].to_markdown(index=False, disable_numparse=True))


if __name__ == "__main__":
    main()
