"""Mean, spread and interval over the seeds of each variant, with counts of the runs that are not in them."""

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.stats.estimate.grouped import counts, describe
from gan_bench.stats.tables.score_matrix import deals_scored_split
from gan_bench.stats.write.names import COLLAPSED, FLOOR, STATUSES

#: What must agree before two numbers may be compared in one column.
PROTOCOL = ["n_real", "n_fake", "extractor", "split", "estimator"]

COLUMNS = [
    *("study", "dataset", "kind", "variant", "cell", "metric", "label", "direction"),
    *("mean", "sd", "median", "min", "max", "ci_low", "ci_high", "interval"),
    *("n_scored", *(f"n_{status}" for status in STATUSES), "n_asked", "best", *PROTOCOL),
    # New columns are added at the end: users read the others by position.
    *("iqm", "iqr", "n_collapsed", "supported"),
]
COUNTS = [name for name in COLUMNS if name.startswith("n_")]

T_INTERVAL = "95 % Student t over seeds"


def comparison_table(runs: pd.DataFrame, calibration: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """The table comparison.csv, columns COLUMNS, without `supported`, which `with_support` fills.

    Per data set and metric: real training images ("floor") first, then one row per variant. Only runs with status "ok"
    and a value are in the mean; `n_scored` counts them. `sd` has divisor n - 1 and is empty for one run, like the
    interval. Methods that deal out images of the scored split are scored with half of it on each side. Their rows
    come last, with their n in the name, and are compared with nothing.

    Args:
        runs: the table runs.csv.
        calibration: the table calibration.csv.
        metrics: the table metrics.csv.

    Raises:
        UserError: if values of one data set and metric differ in their protocol.
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
        deals = deals_scored_split(part)
        protocol = _protocol(part[~deals], where)
        floor = calibration[(calibration["dataset"] == dataset) & (calibration["metric"] == metric)]
        if len(floor):
            floor_protocol = _protocol(floor, f"{where}, {FLOOR}")
            add({"variant": [FLOOR], **_floor(floor)}, metric, {**shared, **floor_protocol, "kind": "floor"})
        variants = _summaries(part[~deals])
        best = separated_best(_interval_rows(variants), str(shared["direction"]))
        flags = [i == best for i in range(len(variants["variant"]))]
        add({**variants, "best": flags}, metric, {**shared, **protocol, "kind": "variant"})
        for cell_protocol, rows in _dealing_cells(part[deals], where):
            add(rows, metric, {**shared, **cell_protocol, "kind": "variant", "best": False})
    return pd.DataFrame(columns, columns=COLUMNS).astype(
        dict.fromkeys(COUNTS, "Int64") | {"best": "boolean", "supported": "boolean"}
    )


def display_name(label: str, extractor: str | None) -> str:
    """Printed name of a metric: with its extractor (without a part in brackets), and never plain "FID"."""
    name = "Fréchet distance" if label.strip().upper() == "FID" else label
    return f"{name} ({extractor.split(' (')[0]})" if extractor else name


def _protocol(rows: pd.DataFrame, where: str) -> dict[str, Any]:
    """The protocol that all numbers of a data set and metric share; that of rows without a number if none has one.

    `where` names the rows in the UserError that is raised when there is more than one.
    """
    scored = rows[rows["value"].notna()] if rows["value"].notna().any() else rows
    distinct = scored[PROTOCOL].drop_duplicates().dropna(how="all")
    if len(distinct) > 1:
        first, second = (", ".join(map(str, row)) for row in distinct.iloc[:2].itertuples(index=False))
        raise UserError(f"{where}: values of two protocols do not compare ({first}) and ({second}); evaluate again.")
    protocol = {} if distinct.empty else distinct.iloc[0].to_dict()
    return {name: None if pd.isna(protocol.get(name)) else protocol[name] for name in PROTOCOL}


def _dealing_cells(part: pd.DataFrame, where: str) -> Iterator[tuple[dict[str, Any], dict[str, list[Any]]]]:
    """(protocol, row of the comparison) of each cell that deals out images of the scored split."""
    for (_, variant), group in part.groupby(["cell", "variant"], sort=False):
        protocol = _protocol(group, f"{where}, {variant}")
        name = variant if protocol["n_fake"] is None else f"{variant} (n = {int(protocol['n_fake'])})"
        yield protocol, {**_summaries(group), "variant": [name]}


def _summaries(part: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of the comparison with one row per cell, in the order of first appearance. `part`: runs of one metric."""
    cells = part.groupby(["cell", "variant"], sort=False)
    cell, first = cells.ngroup().to_numpy(), part.drop_duplicates(["cell", "variant"])
    n = len(first)
    value = part["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    status = part["status"].to_numpy(dtype=object)
    scored = (status == "ok") & ~np.isnan(value)
    statistics = {name: column.tolist() for name, column in describe(cell[scored], value[scored], n).items()}
    numbers = {f"n_{name}": counts(cell, status == name, n) for name in STATUSES}
    numbers["n_scored"], numbers["n_asked"] = counts(cell, scored, n), np.bincount(cell, minlength=n)
    numbers["n_collapsed"] = counts(cell, part["verdict"].isin(COLLAPSED).to_numpy(), n)
    return {
        "cell": first["cell"].tolist(),
        "variant": first["variant"].tolist(),
        **statistics,
        "interval": [None if np.isnan(end) else T_INTERVAL for end in statistics["ci_low"]],
        **{name: column.tolist() for name, column in numbers.items()},
    }


def _interval_rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The columns that `separated_best` reads, as one dict per cell."""
    names = ("mean", "ci_low", "ci_high", "n_scored", "n_asked")
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)]


def _floor(floor: pd.DataFrame) -> dict[str, list[Any]]:
    """Statistics of the distinct scores of real images; no interval, because they are scores of the same images."""
    values = floor["value"].dropna().to_numpy(dtype=np.float64)
    statistics = describe(np.zeros(len(values), dtype=int), values, 1)
    kept = {name: column.tolist() for name, column in statistics.items() if not name.startswith("ci_")}
    return {**kept, "n_scored": [len(values)]}


def with_support(table: pd.DataFrame, pairwise: pd.DataFrame) -> pd.DataFrame:
    """The comparison with `supported` filled: whether the pairwise tests call the variant better than every other one.

    It is also false where the seeds are too few for a test to decide, and empty where a row is in no pair.
    """
    words = pairwise["decision"].astype(str)
    sides = []
    for side, other in (("a", "b"), ("b", "a")):
        won = words.str.startswith(f"{side} better")
        sides.append(pd.DataFrame({"variant": pairwise[side], "other": pairwise[other], "won": won}))
        sides[-1][["dataset", "metric"]] = pairwise[["dataset", "metric"]]
    keys = ["dataset", "metric", "variant"]
    supported = pd.concat(sides).groupby(keys)["won"].all().astype("boolean").rename("supported")
    column = table[keys].join(supported, on=keys)["supported"].where(table["kind"] == "variant")
    return table.assign(supported=column.astype("boolean"))


def separated_best(rows: list[dict[str, Any]], direction: str) -> int | None:
    """Position of the variant whose interval is better than, and disjoint from, all other intervals; None if none is.

    All its planned seeds must be in its mean, and every other variant with a mean must have an interval. This is not a
    test: means may differ although their intervals overlap, and nothing is corrected for the number of comparisons.

    Args:
        rows: mean, ci_low, ci_high, n_scored and n_asked of each variant.
        direction: "lower" or "higher"; None is returned for any other.
    """
    scored = [i for i, row in enumerate(rows) if row["n_scored"]]
    if direction not in ("lower", "higher") or len(scored) < 2 or any(pd.isna(rows[i]["ci_low"]) for i in scored):
        return None
    sign = 1 if direction == "lower" else -1
    best = min(scored, key=lambda i: sign * rows[i]["mean"])
    near, far = ("ci_high", "ci_low") if direction == "lower" else ("ci_low", "ci_high")
    apart = all(sign * rows[best][near] < sign * rows[i][far] for i in scored if i != best)
    return best if apart and rows[best]["n_scored"] == rows[best]["n_asked"] else None
