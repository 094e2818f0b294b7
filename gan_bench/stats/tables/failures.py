"""Shares of the runs of each cell (one variant on one data set) that diverged, collapsed or were lost."""

import functools
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.verdict import NOT_JUDGED
from gan_bench.stats.estimate.grouped import counts
from gan_bench.stats.estimate.intervals import wilson_interval
from gan_bench.stats.write.names import COLLAPSED, LOST, STATUSES

COLUMNS = [
    *("study", "dataset", "variant", "cell", "n_asked", *(f"n_{status}" for status in STATUSES)),
    *("n_judged", "n_collapsed"),
    *(f"{rate}_{end}" for rate in ("diverged", "collapsed", "lost") for end in ("rate", "low", "high")),
    "note",
]


def failures_table(runs: pd.DataFrame) -> pd.DataFrame:
    """The table failures.csv from runs.csv: one row per cell, columns COLUMNS, shares with 95 % Wilson intervals.

    `diverged_rate` and `lost_rate` (diverged, failed or timed out) are shares of the runs that are not missing.
    `collapsed_rate` is a share of the runs that the collapse detector judged. The scores of a collapsed run still count
    in means; a lost run has no score that counts.
    """
    single = runs.drop_duplicates(["dataset", "cell", "seed"])
    keys = ["dataset", "cell", "variant"]
    cell, first = single.groupby(keys, sort=False).ngroup().to_numpy(), single.drop_duplicates(keys)
    columns = {name: first[name].tolist() for name in ("study", "dataset", "variant", "cell")}
    table = pd.DataFrame({**columns, **_outcomes(single, cell, len(first))}, columns=COLUMNS)
    return table.astype(dict.fromkeys([name for name in COLUMNS if name.startswith("n_")], "Int64"))


def _outcomes(runs: pd.DataFrame, cell: np.ndarray, n: int) -> dict[str, list[Any]]:
    """Columns of `n` cells, from their runs. `cell`: index of each run's cell."""
    status = runs["status"].to_numpy(dtype=object)
    n_planned = np.bincount(cell, minlength=n)
    counted = {name: counts(cell, status == name, n) for name in STATUSES}
    known = n_planned - counted["missing"]
    judged = counts(cell, (runs["verdict"].fillna(NOT_JUDGED) != NOT_JUDGED).to_numpy(), n)
    collapsed = counts(cell, runs["verdict"].isin(COLLAPSED).to_numpy(), n)
    notes = [
        "no run left a status" if not left else None if n_judged else "no run was judged"
        for left, n_judged in zip(known.tolist(), judged.tolist(), strict=True)
    ]
    return {
        "n_asked": n_planned.tolist(),
        **{f"n_{name}": count.tolist() for name, count in counted.items()},
        "n_judged": judged.tolist(),
        "n_collapsed": collapsed.tolist(),
        **_rate("diverged", counted["diverged"], known),
        **_rate("collapsed", collapsed, judged),
        **_rate("lost", np.sum([counted[name] for name in LOST], axis=0), known),
        "note": notes,
    }


def _rate(name: str, hits: np.ndarray, of: np.ndarray) -> dict[str, list[float | None]]:
    ends = functools.lru_cache(maxsize=None)(wilson_interval)
    pairs = list(zip(hits.tolist(), of.tolist(), strict=True))
    low, high = ([(ends(k, n) or (None, None))[side] for k, n in pairs] for side in (0, 1))
    return {f"{name}_rate": [k / n if n else None for k, n in pairs], f"{name}_low": low, f"{name}_high": high}
