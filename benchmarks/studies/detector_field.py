"""How often the detector is right on the runs of all published studies: the table of docs/studies/detector_field.md.

    python benchmarks/studies/detector_field.py [STUDY.zip ...]        (default: all of results/reference)

The truth of a run comes from its samples, not from its losses. Samples of labelled data are counted by class:

- collapsed: at most half of the classes have samples (of those that any run of the data set covers), or one class has
  half of the samples or more;
- fine: all classes have samples, and KL(samples || data) of the class shares is below 0.1;
- between: all other runs. They are listed, and count in no rate.

Runs that diverged or failed are left out: their status already says that they failed. Found: a collapsed run with a
verdict of collapse, or with any failure named. Alarm: a fine run with a failure named. Intervals: Wilson, 95 %; runs of
a cell share their settings, so the intervals are too narrow where cells are few.
"""

import argparse
from pathlib import Path

import pandas as pd

from gan_bench.archive.kept import KEPT, REFERENCE, opened
from gan_bench.collapse.verdict import NO_SIGN, NOT_JUDGED
from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.stats.write.names import COLLAPSED
from gan_bench.stats.write.table_files import read_csv

#: Verdicts that name no failure.
HEALTHY = (NO_SIGN, NOT_JUDGED)


def judged(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each run with class shares: study, data set, cell, seed, verdict, truth."""
    keys = ["study", "dataset", "cell", "seed", "verdict"]
    part = runs[(runs["status"] == "ok") & runs["metric"].isin(["classes_covered", "kl_classes", "top_class"])]
    table = part.pivot_table(index=keys, columns="metric", values="value").reset_index()
    if table.empty:
        return table
    classes = table.groupby("dataset")["classes_covered"].transform("max")
    collapsed = (table["classes_covered"] <= classes / 2) | (table["top_class"] >= 0.5)
    fine = (table["classes_covered"] == classes) & (table["kl_classes"] < 0.1)
    table["truth"] = "between"
    table.loc[fine, "truth"] = "fine"
    table.loc[collapsed, "truth"] = "collapsed"
    return table


def rate(count: int, n: int) -> str:
    """A count with its share and Wilson interval, in words."""
    interval = wilson_interval(count, n)
    if interval is None:
        return "none"
    low, high = interval
    return f"{count} of {n}: {100 * count / n:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def rates(table: pd.DataFrame) -> dict[str, str]:
    """Rates of a set of runs, in words."""
    collapsed, fine = table[table["truth"] == "collapsed"], table[table["truth"] == "fine"]
    named = ~collapsed["verdict"].isin(HEALTHY)
    return {
        "runs": str(len(table)),
        "between": str(int((table["truth"] == "between").sum())),
        "collapsed, called collapse": rate(int(collapsed["verdict"].isin(COLLAPSED).sum()), len(collapsed)),
        "collapsed, any failure named": rate(int(named.sum()), len(collapsed)),
        "fine, but a failure named": rate(int((~fine["verdict"].isin(HEALTHY)).sum()), len(fine)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", type=Path)
    files = parser.parse_args().studies or sorted(REFERENCE.glob(f"*/{KEPT}"))
    with opened(files) as folders:
        tables = [judged(read_csv(folder / "tables" / "runs.csv")) for folder in folders]
    joined = pd.concat([table for table in tables if len(table)])
    rows = [{"study": name, **rates(part)} for name, part in joined.groupby("study", sort=False)]
    print(pd.DataFrame([*rows, {"study": "all", **rates(joined)}]).to_markdown(index=False))


if __name__ == "__main__":
    main()
