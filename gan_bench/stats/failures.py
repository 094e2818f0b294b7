"""How often the runs of a cell diverged, collapsed or were lost: outcomes of their own, with their intervals."""

from typing import Any

import pandas as pd

from gan_bench.stats.intervals import wilson_interval
from gan_bench.stats.names import COLLAPSED, LOST, STATUSES

COLUMNS = [
    *("study", "dataset", "variant", "cell", "n_asked", *(f"n_{status}" for status in STATUSES)),
    *("n_judged", "n_collapsed"),
    *(f"{rate}_{end}" for rate in ("diverged", "collapsed", "lost") for end in ("rate", "low", "high")),
    "note",
]


def failures_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per cell, columns COLUMNS, from the table of runs; shares with 95 % Wilson intervals.

    `diverged` and `lost` (diverged, failed or out of time) are shares of the runs that left a status, `collapsed` of
    those that were judged. A collapsed run still has scores; a lost one has none.
    """
    single = runs.drop_duplicates(["dataset", "cell", "seed"])
    rows = [
        {"study": part["study"].iloc[0], "dataset": dataset, "variant": variant, "cell": cell, **_outcomes(part)}
        for (dataset, cell, variant), part in single.groupby(["dataset", "cell", "variant"], sort=False)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys([name for name in COLUMNS if name.startswith("n_")], "Int64"))


def _outcomes(part: pd.DataFrame) -> dict[str, Any]:
    counts = {status: int((part["status"] == status).sum()) for status in STATUSES}
    known = len(part) - counts["missing"]
    judged = int(part["verdict"].notna().sum())
    collapsed = int(part["verdict"].isin(COLLAPSED).sum())
    notes = [] if known else ["no run left a status"]
    if known and not judged:
        notes.append("no run was judged")
    return {
        "n_asked": len(part),
        **{f"n_{status}": count for status, count in counts.items()},
        "n_judged": judged,
        "n_collapsed": collapsed,
        **_rate("diverged", counts["diverged"], known),
        **_rate("collapsed", collapsed, judged),
        **_rate("lost", sum(counts[status] for status in LOST), known),
        "note": "; ".join(notes) or None,
    }


def _rate(name: str, hits: int, n: int) -> dict[str, float | None]:
    low, high = wilson_interval(hits, n) or (None, None)
    return {f"{name}_rate": hits / n if n else None, f"{name}_low": low, f"{name}_high": high}
