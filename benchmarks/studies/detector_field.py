"""How often the detector is right on the runs of all published studies: the tables of docs/studies/detector_field.md.

    python benchmarks/studies/detector_field.py [STUDY.zip ...]        (default: all of results/reference)

The truth of a run comes from the classes of its final samples, not from its losses:

- collapsed: at most half of the classes have samples, or one class has half of the samples or more;
- covered: at least nine tenths of the classes have samples, and each class has less than half of the samples;
- between: all other runs, which are left out of the rates.

The number of classes of a data set is taken to be the largest number that any run of the study covers.

Only data sets are used whose real images are spread about evenly over the classes (LARGEST, KL_REAL). With other data
sets, the classes of samples do not show whether a run has collapsed.

The rows of the tables differ in what the detector reads:

- "losses": the stored losses, without D's outputs and samples;
- "losses, 30 rows", "losses, 10 rows": the same losses at 30 or 10 evenly spaced rows;
- "and outputs": the losses and the mean outputs of D;
- "study's verdict": the verdict in the study's tables. It also reads the samples, which define the truth, and is
  therefore no independent test.

Only runs with the status "ok" and with an adversarial loss count. A collapsed run counts as found if the detector names
any failure. A covered run counts as an alarm if the detector names any failure. Not every alarm is false, because a
covered run may have failed in another way. Intervals are Wilson's, at 95 %. They are too narrow, because runs with the
same settings are not independent.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from failures import CLASSES, LARGEST_CLASS

from gan_bench.archive.kept import KEPT, REFERENCE, opened
from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.loss_facts import run_loss_facts
from gan_bench.collapse.verdict import NO_SIGN, NOT_JUDGED, judge
from gan_bench.paths import PLAN
from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.stats.write.table_files import read_csv

#: Verdicts that name no failure.
HEALTHY = (NO_SIGN, NOT_JUDGED)
#: Limits for the data sets that are used. LARGEST: share of the largest class among real images. KL_REAL: divergence
#: KL(samples || data) over classes, with real images as samples.
LARGEST, KL_REAL = 0.25, 0.05
KEYS = ["dataset", "cell", "seed"]
LOSSES = ["step", "d_loss", "g_loss"]
#: Name of a row of the tables -> (columns of the history that the detector reads, number of rows or None for all).
LEVELS = {
    "losses": (LOSSES, None),
    "losses, 30 rows": (LOSSES, 30),
    "losses, 10 rows": (LOSSES, 10),
    "and outputs": ([*LOSSES, "d_real", "d_fake"], None),
}


def truths(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each run with scores of its classes: study, data set, cell, seed, the study's verdict, truth."""
    part = runs[(runs["status"] == "ok") & runs["metric"].isin(["classes_covered", "top_class"])]
    index = ["study", *KEYS, "verdict"]
    table = part.pivot_table(index=index, columns="metric", values="value").reset_index()
    if table.empty:
        return table
    classes = table.groupby("dataset")["classes_covered"].transform("max")
    one_class = table["top_class"] >= LARGEST_CLASS
    table["truth"] = "between"
    table.loc[(table["classes_covered"] >= CLASSES * classes) & ~one_class, "truth"] = "covered"
    table.loc[(table["classes_covered"] <= classes / 2) | one_class, "truth"] = "collapsed"
    return table.rename(columns={"verdict": "study's verdict"})


def balanced(comparison: pd.DataFrame) -> set[str]:
    """Data sets whose real images are spread about evenly over the classes."""
    floor = comparison[comparison["kind"] == "floor"].pivot_table(index="dataset", columns="metric", values="centre")
    floor = floor.reindex(columns=["top_class", "kl_classes"])
    return set(floor.index[(floor["top_class"] < LARGEST) & (floor["kl_classes"] < KL_REAL)])


def judged(study: Path) -> pd.DataFrame:
    """The runs of a study with their truth, and their verdict for each of LEVELS."""
    runs = read_csv(study / "tables" / "runs.csv")
    table = truths(runs[runs["dataset"].isin(balanced(read_csv(study / "tables" / "comparison.csv")))])
    cells = {cell["id"]: cell["settings"] for cell in json.loads((study / PLAN).read_text())["cells"]}
    table = table[[bool(cells[cell]["loss"]) for cell in table["cell"]]].reset_index(drop=True)
    if table.empty:
        return table
    facts = {cell: run_loss_facts(cells[cell]) for cell in table["cell"].unique()}
    stored = pd.read_parquet(study / "tables" / "histories.parquet")
    histories = {key: part.reset_index(drop=True) for key, part in stored.groupby(KEYS)}
    for name, (columns, rows) in LEVELS.items():
        verdicts = []
        for key in table[KEYS].itertuples(index=False, name=None):
            history = histories[key][columns]
            if rows is not None and len(history) > rows:
                history = history.iloc[np.linspace(0, len(history) - 1, rows).round().astype(int)]
            loss = facts[key[1]]
            verdicts.append(with_failure(judge(history, loss), history, loss)["verdict"])
        table[name] = verdicts
    return table


def rate(count: int, n: int) -> str:
    """A count with its share and Wilson interval, as text."""
    interval = wilson_interval(count, n)
    if interval is None:
        return "none"
    low, high = interval
    return f"{count} of {n}: {100 * count / n:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def rates(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rates of found runs and of alarms in a set of runs, as text.

    The table has a row for the study's verdict and for each of LEVELS.
    """
    collapsed, covered = table[table["truth"] == "collapsed"], table[table["truth"] == "covered"]
    rows = []
    for level in ("study's verdict", *LEVELS):
        found, alarms = (int((~part[level].isin(HEALTHY)).sum()) for part in (collapsed, covered))
        shown = {"found": rate(found, len(collapsed)), "alarms": rate(alarms, len(covered))}
        unjudged = int((table[level] == NOT_JUDGED).sum())
        rows.append({"runs": name, "n": len(table), "signals": level, **shown, "not judged": unjudged})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", type=Path)
    files = parser.parse_args().studies or sorted(REFERENCE.glob(f"*/{KEPT}"))
    with opened(files) as folders:
        tables = [judged(folder) for folder in folders]
    joined = pd.concat([table for table in tables if len(table)])
    parts = [rates(part, name) for name, part in joined.groupby("study", sort=False)]
    print(pd.concat([*parts, rates(joined, "all")]).to_markdown(index=False))


if __name__ == "__main__":
    main()
