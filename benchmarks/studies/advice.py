"""The effect of each piece of training advice: the table and the picture of docs/studies/advice.md.

    python benchmarks/studies/advice.py [--tables results/advice/tables] [--metric frechet] [--picture FILE.png]

A variant "BASELINE with ADVICE" is compared with the variant BASELINE on the same data set. If the baseline already
follows the advice, it is compared with a variant "BASELINE without ADVICE". The effect is a factor: score when the
advice is followed / score when it is not (geometric means over seeds). A run without a score gets the worst score of
its data set. A run failed if it has no score, or if its samples lack classes. Samples lack classes if they cover less
than nine tenths of the largest number of classes in any run of the data set, or if more than half of them have one
class (failures.py). The verdict of the collapse detector is not used, because it depends on the losses, which a piece
of advice can change.

The verdict on a piece of advice is "helps" or "hurts" if the interval of the factor does not contain 1, or if the
numbers of failed runs differ (Fisher's exact test). It is "both" if scores and failures disagree. The column "seen" has
the smallest factor that would be found with a probability of 80 %, given the observed spread. If neither scores nor
failures differ, the verdict is "nothing seen", or "cannot tell" if this factor is above 2. The probability of any false
finding among all tests on a data set is at most 5 %: 2.5 % for the scores (Welch's intervals, Bonferroni's correction)
and 2.5 % for the failures (Holm's correction). Holm's correction does not count comparisons without any failed run. The
last column ("paired") has the verdict that follows from intervals of differences between runs of the same seed.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from failures import scores_by_run
from scipy import stats

from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.write.table_files import read_csv

LEVEL, POWER, LARGEST_UNSEEN = 0.05, 0.8, 2.0
NAME = re.compile(r"(?P<baseline>.+?) (?P<word>with|without) (?P<advice>.+)")
#: Colour and marker of each verdict.
MARKS = {
    "helps": ("#1b7837", "o"),
    "hurts": ("#b2182b", "s"),
    "nothing seen": ("#777777", "|"),
    "cannot tell": ("#c77c02", "x"),
    "both": ("#000000", "D"),
}


def scores(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One row for each run: data set, variant, seed, log of the score, `failed`."""
    wide = scores_by_run(runs, metric)
    wide["log"] = np.log(wide[metric].fillna(wide.groupby("dataset")[metric].transform("max")))
    return wide[["dataset", "variant", "seed", "log", "failed"]]


def effects(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each variant that changes one piece of advice. Scores must be positive, and a lower score better."""
    rows = []
    for dataset, part in table.groupby("dataset", sort=False):
        matches = [match for name in part["variant"].unique() if (match := NAME.fullmatch(name))]
        for match in matches:
            changed, base = (part[part["variant"] == name].set_index("seed") for name in (match[0], match["baseline"]))
            followed, ignored = (changed, base) if match["word"] == "with" else (base, changed)
            row = _effect(followed, ignored, LEVEL / 2 / len(matches))
            rows.append({"dataset": dataset, "variant": match[0], **match.groupdict(), **row})
    result = pd.DataFrame(rows)
    result["p_failures"] = result.groupby("dataset")["p_failures"].transform(lambda p: holm(p.to_numpy()))
    result["verdict"] = [_verdict(row, row["low"], row["high"]) for row in result.to_dict("records")]
    result["paired"] = [_verdict(row, row["paired_low"], row["paired_high"]) for row in result.to_dict("records")]
    return result


def _effect(followed: pd.DataFrame, ignored: pd.DataFrame, level: float) -> dict[str, Any]:
    """Factor by which following the advice changes the score, with its intervals; failures with and without it."""
    a, b = followed["log"].to_numpy(), ignored["log"].to_numpy()
    test = stats.ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(1 - level)
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    seen = (stats.t.ppf(1 - level / 2, test.df) + stats.t.ppf(POWER, test.df)) * error
    difference = (followed["log"] - ignored["log"]).dropna()
    paired = stats.ttest_1samp(difference, 0).confidence_interval(1 - level)
    failures = [int(side["failed"].sum()) for side in (followed, ignored)]
    counts = [[failures[0], len(a) - failures[0]], [failures[1], len(b) - failures[1]]]
    return {
        "factor": float(np.exp(a.mean() - b.mean())),
        "low": float(np.exp(interval.low)),
        "high": float(np.exp(interval.high)),
        "paired_low": float(np.exp(paired.low)),
        "paired_high": float(np.exp(paired.high)),
        "seen": float(np.exp(seen)),
        "failures_followed": failures[0],
        "failures_ignored": failures[1],
        "p_failures": float(stats.fisher_exact(counts)[1]) if any(failures) else np.nan,
    }


def _verdict(row: dict[str, Any], low: float, high: float) -> str:
    better, worse = high < 1, low > 1
    if row["p_failures"] < LEVEL / 2:
        fewer = row["failures_followed"] < row["failures_ignored"]
        better, worse = better or fewer, worse or not fewer
    if better and worse:
        return "both"
    if not (better or worse):
        return "cannot tell" if row["seen"] > LARGEST_UNSEEN else "nothing seen"
    return "helps" if better else "hurts"


def picture(table: pd.DataFrame, file: Path) -> None:
    """Factor and interval of each piece of advice, a panel for each data set and baseline, best advice on top."""
    import matplotlib.pyplot as plt

    groups = list(table.groupby(["dataset", "baseline"], sort=False))
    order = np.log(table["factor"]).groupby(table["advice"]).mean().sort_values(ascending=False).index
    size = (2.2 + 4 * len(groups), 0.28 * len(order) + 1.5)
    figure, axes = plt.subplots(1, len(groups), figsize=size, sharey=True, sharex=True, squeeze=False)
    for axis, ((dataset, baseline), rows) in zip(axes[0], groups, strict=True):
        for row in rows.to_dict("records"):
            y, (colour, marker) = order.get_loc(row["advice"]), MARKS[row["verdict"]]
            axis.plot([row["low"], row["high"]], [y, y], color=colour, lw=1.8)
            axis.plot(row["factor"], y, marker, color=colour, ms=7, mew=2)
            if row["failures_followed"] or row["failures_ignored"]:
                words = f"failed: {row['failures_followed']} / {row['failures_ignored']}"
                axis.text(0.065 if row["factor"] > 1 else 1.2, y, words, va="center", fontsize=8)
        for y in set(range(len(order))) - set(order.get_indexer(rows["advice"])):
            axis.text(
                1, y, "does not apply", color="#777777", ha="center", va="center", fontsize=8, backgroundcolor="w"
            )
        axis.axvline(1, color="black", lw=0.8, zorder=0)
        axis.grid(axis="y", color="#eeeeee", zorder=0)
        ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
        axis.set(xscale="log", xlim=(0.06, 30), yticks=range(len(order)), yticklabels=order, xticks=ticks)
        axis.set_xticklabels([f"{tick:g}" for tick in ticks])
        axis.minorticks_off()
        axis.set(title=f"{baseline}, {dataset}")
    shown = [name for name in MARKS if name in set(table["verdict"])]
    marks = [plt.Line2D([], [], color=MARKS[name][0], marker=MARKS[name][1], mew=2, lw=1.8) for name in shown]
    words = "score when the advice is followed / score when it is not (below 1: better)"
    figure.legend(marks, shown, title=words, loc="lower center", ncols=len(shown), frameon=False)
    figure.tight_layout(rect=(0, 0.09, 1, 1))
    figure.savefig(file, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/advice/tables"))
    parser.add_argument("--metric", default="frechet")
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    table = effects(scores(read_csv(args.tables / "runs.csv"), args.metric))
    if args.picture:
        picture(table, args.picture)
    table["factor [interval]"] = [f"{r.factor:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in table.itertuples()]
    table["failures"] = [f"{r.failures_followed} / {r.failures_ignored}" for r in table.itertuples()]
    shown = [
        "dataset",
        "baseline",
        "advice",
        "factor [interval]",
        "seen",
        "failures",
        "p_failures",
        "verdict",
        "paired",
    ]
    print(table[shown].to_markdown(index=False, floatfmt=".3g"))


if __name__ == "__main__":
    main()
