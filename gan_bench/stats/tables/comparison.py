"""Mean, spread and interval over the seeds of each variant, with the runs that are not in them counted."""

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.stats.estimate.grouped import counts, describe
from gan_bench.stats.tables.score_matrix import deals_scored_split
from gan_bench.stats.write.names import COLLAPSED, FLOOR, STATUSES

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
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}

    def add(rows: dict[str, list[Any]], metric: Hashable, shared: dict[str, Any]) -> None:
        count = len(rows["variant"])
        shared = {**shared, "label": display_name(labels[metric], shared["extractor"])}
        for name, column in columns.items():
            column.extend(rows[name] if name in rows else [shared.get(name)] * count)

    for (dataset, metric), part in runs.groupby(["dataset", "metric"], sort=False):
        where = f"{dataset}, {metric}"
        shared = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        shared["direction"] = part["direction"].iloc[0]
        dealt = deals_scored_split(part)
        protocol = _protocol(part[~dealt], where)
        floor = calibration[(calibration["dataset"] == dataset) & (calibration["metric"] == metric)]
        if len(floor):
            own = _protocol(floor, f"{where}, {FLOOR}")
            add({"variant": [FLOOR], **_floor(floor)}, metric, {**shared, **own, "kind": "floor"})
        members = _summaries(part[~dealt])
        best = separated_best(_rows(members), str(shared["direction"]))
        flags = [i == best for i in range(len(members["variant"]))]
        add({**members, "best": flags}, metric, {**shared, **protocol, "kind": "variant"})
        for own, rows in _dealt(part[dealt], where):
            add(rows, metric, {**shared, **own, "kind": "variant", "best": False})
    return pd.DataFrame(columns, columns=COLUMNS).astype(
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


def _dealt(part: pd.DataFrame, where: str) -> Iterator[tuple[dict[str, Any], dict[str, list[Any]]]]:
    """(protocol, row of the comparison) of each such cell: each has a protocol of its own."""
    for (_, variant), group in part.groupby(["cell", "variant"], sort=False):
        own = _protocol(group, f"{where}, {variant}")
        name = variant if own["n_fake"] is None else f"{variant} (n = {int(own['n_fake'])})"
        yield own, {**_summaries(group), "variant": [name]}


def _summaries(part: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of the comparison with a row per cell, in the order of first sight, from its runs for one metric."""
    cells = part.groupby(["cell", "variant"], sort=False)
    cell, first = cells.ngroup().to_numpy(), part.drop_duplicates(["cell", "variant"])
    n = len(first)
    value = part["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    status = part["status"].to_numpy(dtype=object)
    scored = (status == "ok") & ~np.isnan(value)
    found = {name: column.tolist() for name, column in describe(cell[scored], value[scored], n).items()}
    numbers = {f"n_{name}": counts(cell, status == name, n) for name in STATUSES}
    numbers["n_scored"], numbers["n_asked"] = counts(cell, scored, n), np.bincount(cell, minlength=n)
    numbers["n_collapsed"] = counts(cell, part["verdict"].isin(COLLAPSED).to_numpy(), n)
    return {
        "cell": first["cell"].tolist(),
        "variant": first["variant"].tolist(),
        **found,
        "interval": [None if np.isnan(end) else T_INTERVAL for end in found["ci_low"]],
        **{name: column.tolist() for name, column in numbers.items()},
    }


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """What `separated_best` reads of the cells."""
    names = ("mean", "ci_low", "ci_high", "n_scored", "n_asked")
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)]


def _floor(floor: pd.DataFrame) -> dict[str, list[Any]]:
    """The floor's distinct values; no interval, because they are scores of the same images."""
    values = floor["value"].dropna().to_numpy(dtype=np.float64)
    found = describe(np.zeros(len(values), dtype=int), values, 1)
    kept = {name: column.tolist() for name, column in found.items() if not name.startswith("ci_")}
    return {**kept, "n_scored": [len(values)]}


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
    if direction not in ("lower", "higher") or len(scored) < 2 or any(pd.isna(rows[i]["ci_low"]) for i in scored):
        return None
    sign = 1 if direction == "lower" else -1
    best = min(scored, key=lambda i: sign * rows[i]["mean"])
    near, far = ("ci_high", "ci_low") if direction == "lower" else ("ci_low", "ci_high")
    apart = all(sign * rows[best][near] < sign * rows[i][far] for i in scored if i != best)
    return best if apart and rows[best]["n_scored"] == rows[best]["n_asked"] else None
