"""Mean, spread and interval over the seeds of each variant, with the runs that are not in them counted."""

from typing import Any

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.stats.intervals import mean_interval
from gan_bench.stats.location import interquartile_mean, interquartile_range
from gan_bench.stats.names import COLLAPSED, FLOOR, STATUSES
from gan_bench.stats.scores import deals_scored_split

#: What must agree before two numbers may stand in one column.
PROTOCOL = ["n_real", "n_fake", "extractor", "split", "estimator"]

COLUMNS = [
    *("study", "dataset", "kind", "variant", "cell", "metric", "label", "direction"),
    *("mean", "sd", "median", "min", "max", "ci_low", "ci_high", "interval"),
    *("n_scored", *(f"n_{status}" for status in STATUSES), "n_asked", "best", *PROTOCOL),
    # New columns stand last: people read the others by their place.
    *("iqm", "iqr", "n_collapsed", "supported"),
]
COUNTS = [name for name in COLUMNS if name.startswith("n_")]

T_INTERVAL = "95 % Student t over seeds"


def comparison_table(runs: pd.DataFrame, calibration: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """One row per data set, metric and row of the comparison, columns COLUMNS; the floor comes first.

    Only runs with status "ok" and a value are in the mean; `n_scored` says how many. `sd` has divisor n - 1 and is
    empty for one run, like the interval. UserError when values of one data set and metric differ in their protocol.
    A calibration row that deals out images of the scored split itself has half of it on each side: it comes last, with
    its n in its name, and is compared with nothing. `supported` stays empty here: `with_support` fills it.
    """
    labels = dict(zip(metrics["metric"], metrics["label"], strict=True))
    rows: list[dict[str, Any]] = []
    for (dataset, metric), part in runs.groupby(["dataset", "metric"], sort=False):
        where = f"{dataset}, {metric}"
        shared = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        shared["direction"] = part["direction"].iloc[0]
        dealt = deals_scored_split(part)
        protocol = _protocol(part[~dealt], where)
        floor = calibration[(calibration["dataset"] == dataset) & (calibration["metric"] == metric)]
        if len(floor):
            own = _protocol(floor, f"{where}, {FLOOR}")
            rows.append({**shared, **own, "kind": "floor", "variant": FLOOR, **_floor(floor)})
        members = [
            {**shared, **protocol, "kind": "variant", "variant": variant, "cell": cell, **_summary(group)}
            for (cell, variant), group in part[~dealt].groupby(["cell", "variant"], sort=False)
        ]
        best = separated_best(members, str(shared["direction"]))
        rows += [{**row, "best": i == best} for i, row in enumerate(members)]
        rows += [{**shared, **row} for row in _dealt(part[dealt], where)]
    for row in rows:
        row["label"] = display_name(labels[row["metric"]], row["extractor"])
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        dict.fromkeys(COUNTS, "Int64") | {"best": "boolean", "supported": "boolean"}
    )


def display_name(label: str, extractor: str | None) -> str:
    """A metric's name as it is printed: with its extractor (less what it adds in brackets), and never plain "FID"."""
    name = "Fréchet distance" if label.strip().upper() == "FID" else label
    return f"{name} ({extractor.split(' (')[0]})" if extractor else name


def _protocol(rows: pd.DataFrame, where: str) -> dict[str, Any]:
    """The one protocol of all numbers of a data set and metric; that of rows without number if none has one."""
    scored = rows[rows["value"].notna()] if rows["value"].notna().any() else rows
    distinct = scored[PROTOCOL].drop_duplicates().dropna(how="all")
    if len(distinct) > 1:
        first, second = (", ".join(map(str, row)) for row in distinct.iloc[:2].itertuples(index=False))
        raise UserError(f"{where}: values of two protocols do not compare ({first}) and ({second}); evaluate again.")
    found = {} if distinct.empty else distinct.iloc[0].to_dict()
    return {name: None if pd.isna(found.get(name)) else found[name] for name in PROTOCOL}


def _dealt(part: pd.DataFrame, where: str) -> list[dict[str, Any]]:
    """Rows of the comparison for such runs, each with a protocol of its own."""
    found = []
    for (cell, variant), group in part.groupby(["cell", "variant"], sort=False):
        own = _protocol(group, f"{where}, {variant}")
        name = variant if own["n_fake"] is None else f"{variant} (n = {int(own['n_fake'])})"
        found.append({**own, "kind": "variant", "variant": name, "cell": cell, **_summary(group), "best": False})
    return found


def _summary(group: pd.DataFrame) -> dict[str, Any]:
    """Statistics of one cell's runs for one metric."""
    values = group.loc[group["status"] == "ok", "value"].dropna()
    found = group["status"].value_counts()
    counts = {f"n_{status}": int(found.get(status, 0)) for status in STATUSES}
    interval = mean_interval(values.tolist())
    return {
        **_statistics(values),
        "ci_low": interval[0] if interval else None,
        "ci_high": interval[1] if interval else None,
        "interval": T_INTERVAL if interval else None,
        **counts,
        "n_asked": len(group),
        "n_collapsed": int(group["verdict"].isin(COLLAPSED).sum()),
    }


def _statistics(values: pd.Series) -> dict[str, Any]:
    found = {name: values.agg(name) if len(values) else None for name in ("mean", "median", "min", "max")}
    if len(values):
        found["iqm"] = float(interquartile_mean(values.to_numpy(dtype=np.float64)))
    if len(values) > 1:
        found |= {"sd": values.std(ddof=1), "iqr": float(interquartile_range(values.to_numpy(dtype=np.float64)))}
    return {"sd": None, **found, "n_scored": len(values)}


def _floor(floor: pd.DataFrame) -> dict[str, Any]:
    """The floor's distinct values; no interval, because they are scores of the same images."""
    return _statistics(floor["value"].dropna())


def with_support(table: pd.DataFrame, pairwise: pd.DataFrame) -> pd.DataFrame:
    """The comparison with `supported` filled: the pairwise tests call the variant better than every other one.

    False where they do not, also where there are too few seeds for them to; empty where a row is in no pair.
    """
    words = pairwise["decision"].astype(str)
    sides = []
    for own, other in (("a", "b"), ("b", "a")):
        won = words.str.startswith(f"{own} better")
        sides.append(pd.DataFrame({"variant": pairwise[own], "other": pairwise[other], "won": won}))
        sides[-1][["dataset", "metric"]] = pairwise[["dataset", "metric"]]
    keys = ["dataset", "metric", "variant"]
    supported = pd.concat(sides).groupby(keys)["won"].all().astype("boolean").rename("supported")
    ours = table["kind"] == "variant"
    found = table[keys].join(supported, on=keys)["supported"].where(ours)
    return table.assign(supported=found.astype("boolean"))


def separated_best(rows: list[dict[str, Any]], direction: str) -> int | None:
    """Position of the variant whose interval lies apart from all others, on the better side; None if there is none.

    It must have all asked seeds in its mean, and every other variant with a number must have an interval. Not a test:
    intervals that overlap may still differ, and nothing is corrected for the number of comparisons. None for "half".
    """
    scored = [i for i, row in enumerate(rows) if row["n_scored"]]
    if direction not in ("lower", "higher") or len(scored) < 2 or any(rows[i]["ci_low"] is None for i in scored):
        return None
    sign = 1 if direction == "lower" else -1
    best = min(scored, key=lambda i: sign * rows[i]["mean"])
    near, far = ("ci_high", "ci_low") if direction == "lower" else ("ci_low", "ci_high")
    apart = all(sign * rows[best][near] < sign * rows[i][far] for i in scored if i != best)
    return best if apart and rows[best]["n_scored"] == rows[best]["n_asked"] else None
