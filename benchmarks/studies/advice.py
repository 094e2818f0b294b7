"""The effect of each piece of training advice: the table and the picture of docs/studies/advice.md.

    python benchmarks/studies/advice.py [--tables results/advice/tables] [--metric frechet] [--picture FILE.png]

A variant "BASELINE with ..." or "BASELINE without ..." is compared with the variant BASELINE on the same data set. The
effect is the difference of mean log scores, as a factor. Its interval is Welch's, with Bonferroni's correction over all
variants of a data set, so that all intervals of a data set hold together in 95 % of studies. Failures are runs that
diverged, failed, ran out of time or were judged collapsed; their p values are Fisher's, with Holm's correction.
The verdict: a piece of advice helps or hurts if the interval does not contain 1, or if the failures differ with p <
0.05; "both" if score and failures disagree, else "nothing seen". For a variant "without" a piece of advice, the effect
is turned around: the advice helps if the score is worse without it.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from failures import failed
from scipy import stats

from gan_bench.stats.estimate.rank_tests import holm
from gan_bench.stats.write.table_files import read_csv

LEVEL = 0.05
NAME = re.compile(r"(?P<baseline>.+?) (?P<word>with|without) (?P<advice>.+)")


def effects(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One row for each variant that changes one piece of advice; scores must be positive and lower is better."""
    table = runs[runs["metric"] == metric].copy()
    table["failed"] = failed(table)
    rows = []
    for dataset, part in table.groupby("dataset", sort=False):
        changed = [name for name in part["variant"].unique() if NAME.fullmatch(name)]
        for name in changed:
            match = NAME.fullmatch(name)
            assert match is not None
            of, base = part[part["variant"] == name], part[part["variant"] == match["baseline"]]
            sign = 1 if match["word"] == "with" else -1
            row = _effect(of, base, sign, LEVEL / len(changed))
            rows.append({"dataset": dataset, **match.groupdict(), **row})
    result = pd.DataFrame(rows)
    result["p_failures"] = result.groupby("dataset")["p_failures"].transform(lambda p: holm(p.to_numpy()))
    result["verdict"] = [_verdict(row) for row in result.to_dict("records")]
    return result


def _effect(of: pd.DataFrame, base: pd.DataFrame, sign: int, level: float) -> dict[str, Any]:
    """Factor by which following the advice changes the score, with its interval; failures with and without it."""
    a, b = (np.log(side["value"].dropna().to_numpy()) for side in (of, base))
    failures = [int(side["failed"].sum()) for side in (of, base)]
    row: dict[str, Any] = {"n": len(a), "n_base": len(b), "factor": np.nan, "low": np.nan, "high": np.nan}
    if len(a) > 1 and len(b) > 1:
        interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(1 - level)
        ends = sorted(np.exp(sign * np.array([interval.low, interval.high])))
        row |= {"factor": float(np.exp(sign * (a.mean() - b.mean()))), "low": ends[0], "high": ends[1]}
    counts = [[failures[0], len(of) - failures[0]], [failures[1], len(base) - failures[1]]]
    followed, ignored = failures if sign > 0 else failures[::-1]
    p = float(stats.fisher_exact(counts)[1])
    return {**row, "failures_followed": followed, "failures_ignored": ignored, "p_failures": p}


def _verdict(row: dict[str, Any]) -> str:
    better, worse = row["high"] < 1, row["low"] > 1
    if row["p_failures"] < LEVEL:
        fewer = row["failures_followed"] < row["failures_ignored"]
        better, worse = better or fewer, worse or not fewer
    if better and worse:
        return "both"
    return "helps" if better else "hurts" if worse else "nothing seen"


def picture(table: pd.DataFrame, file: Path) -> None:
    """Factor and interval of each piece of advice, a panel for each data set and baseline."""
    import matplotlib.pyplot as plt

    groups = list(table.groupby(["dataset", "baseline"], sort=False))
    height = 0.28 * max(len(part) for _, part in groups) + 1
    figure, axes = plt.subplots(1, len(groups), figsize=(5.5 * len(groups), height), squeeze=False)
    colours = {"helps": "#1b7837", "hurts": "#b2182b", "nothing seen": "#777777", "both": "#000000"}
    for axis, ((dataset, baseline), rows) in zip(axes[0], groups, strict=True):
        part = rows.iloc[::-1]
        for y, row in enumerate(part.to_dict("records")):
            axis.plot([row["low"], row["high"]], [y, y], color=colours[row["verdict"]], lw=2)
            axis.plot(row["factor"], y, "o", color=colours[row["verdict"]], ms=5)
        axis.axvline(1, color="black", lw=0.8)
        axis.set(xscale="log", yticks=range(len(part)), yticklabels=part["advice"], title=f"{baseline}, {dataset}")
        axis.set_xlabel("score when the advice is followed / not followed (below 1: better)")
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=Path("results/advice/tables"))
    parser.add_argument("--metric", default="frechet")
    parser.add_argument("--picture", type=Path)
    args = parser.parse_args()
    table = effects(read_csv(args.tables / "runs.csv"), args.metric)
    table["factor [interval]"] = [f"{r.factor:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in table.itertuples()]
    table["failures"] = [f"{r.failures_followed} / {r.failures_ignored}" for r in table.itertuples()]
    shown = ["dataset", "baseline", "advice", "factor [interval]", "failures", "verdict"]
    print(table[shown].to_markdown(index=False))
    if args.picture:
        picture(table, args.picture)


if __name__ == "__main__":
    main()
