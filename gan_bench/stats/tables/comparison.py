"""Mean, spread and interval over the seeds of each variant, with counts of the runs that are left out."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.stats.estimate.grouped import counts, describe
from gan_bench.stats.estimate.scales import IDENTITY, Scale
from gan_bench.stats.tables.score_matrix import ScoreMatrix, deals_scored_split, fitted_scales
from gan_bench.stats.write.names import COLLAPSED, FLOOR, LOST, STATUSES

#: Columns of the protocol. Scores are comparable only if they have equal values in all of these columns.
PROTOCOL = ["n_real", "n_fake", "extractor", "split", "estimator"]

COLUMNS = [
    *("study", "dataset", "kind", "variant", "cell", "metric", "label", "direction"),
    *("mean", "sd", "median", "min", "max", "ci_low", "ci_high", "interval"),
    *("n_scored", *(f"n_{status}" for status in STATUSES), "n_asked", "best", *PROTOCOL),
    # New columns are added at the end: users read the others by position.
    *("iqm", "iqr", "n_collapsed", "supported"),
    *("scale", "centre", "top", "worse_low", "worse_high", "g_steps", "d_steps", "images", "remark"),
]
COUNTS = [name for name in COLUMNS if name.startswith("n_")] + ["g_steps", "d_steps", "images"]
FLAGS = ["best", "supported", "top"]
NUMBERS = ["worse_low", "worse_high"]

T_INTERVAL = "95 % Student t over seeds"
CONSTANT = "constant: all seeds agree"


def comparison_table(runs: pd.DataFrame, calibration: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """The table comparison.csv, columns COLUMNS, before `with_best` and `with_budgets` fill some of the columns.

    For each data set and metric, the first row has the scores of real images (kind "floor"), if there are any. Then
    there is one row per variant. Only runs with status "ok" and a value are in the mean; `n_scored` counts them. `sd`
    has divisor n - 1. `sd`, `ci_low` and `ci_high` are empty for a variant with one score. For equal scores `ci_low`
    and `ci_high` are empty, and `interval` says why.

    A reference method can return real images of the split on which it is scored. Its samples and the real set are then
    two disjoint parts of this split. Such methods are not compared with other variants. Their rows come last, and the
    number n of returned images is in their names.

    Args:
        runs: the table runs.csv.
        calibration: the table calibration.csv.
        metrics: the table metrics.csv.

    Raises:
        UserError: if values of one data set and metric differ in their protocol.
    """
    labels = dict(zip(metrics["metric"], metrics["label"], strict=True))
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    scales = fitted_scales(runs, metrics)

    def add(rows: dict[str, list[Any]], metric: Hashable, shared: dict[str, Any]) -> None:
        count = len(rows["variant"])
        shared = {**shared, "label": display_name(labels[metric], shared["extractor"])}
        for name, column in columns.items():
            column.extend(rows[name] if name in rows else [shared.get(name)] * count)

    for (dataset, metric), part in runs.groupby(["dataset", "metric"], sort=False):
        where = f"{dataset}, {metric}"
        shared = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        scale = scales.get((dataset, metric), IDENTITY)
        shared |= {"direction": part["direction"].iloc[0], "scale": scale.name}
        deals = deals_scored_split(part)
        protocol = _protocol(part[~deals], where)
        floor = calibration[(calibration["dataset"] == dataset) & (calibration["metric"] == metric)]
        if len(floor):
            floor_protocol = _protocol(floor, f"{where}, {FLOOR}")
            add({"variant": [FLOOR], **_floor(floor)}, metric, {**shared, **floor_protocol, "kind": "floor"})
        add(_summaries(part[~deals], scale), metric, {**shared, **protocol, "kind": "variant", "best": False})
        for cell_protocol, rows in _dealing_cells(part[deals], where, scale):
            add(rows, metric, {**shared, **cell_protocol, "kind": "variant", "best": False})
    return pd.DataFrame(columns, columns=COLUMNS).astype(
        dict.fromkeys(COUNTS, "Int64") | dict.fromkeys(FLAGS, "boolean") | dict.fromkeys(NUMBERS, "Float64")
    )


def display_name(label: str, extractor: str | None) -> str:
    """Printed name of a metric: its label, with the name of the extractor in brackets.

    Only the Fréchet distance in Inception-v3's features is called "FID".
    """
    inception = (extractor or "").split(" (")[0] == "inception"
    if label.strip().upper() in ("FID", "FRÉCHET DISTANCE"):
        label = "FID" if inception else "Fréchet distance"
    name = label
    return f"{name} ({extractor.split(' (')[0]})" if extractor else name


def _protocol(rows: pd.DataFrame, where: str) -> dict[str, Any]:
    """The protocol of the rows of a data set and metric. If any row has a value, rows without a value do not count.

    UserError if the rows have several protocols. `where` names the rows in the message.
    """
    scored = rows[rows["value"].notna()] if rows["value"].notna().any() else rows
    distinct = scored[PROTOCOL].drop_duplicates().dropna(how="all")
    if len(distinct) > 1:
        first, second = (", ".join(map(str, row)) for row in distinct.iloc[:2].itertuples(index=False))
        raise UserError(f"{where}: values of two protocols are not comparable, ({first}) and ({second}); score again.")
    protocol = {} if distinct.empty else distinct.iloc[0].to_dict()
    return {name: None if pd.isna(protocol.get(name)) else protocol[name] for name in PROTOCOL}


def _dealing_cells(
    part: pd.DataFrame, where: str, scale: Scale
) -> Iterator[tuple[dict[str, Any], dict[str, list[Any]]]]:
    """(protocol, row of the comparison) of each cell whose method returns images of the scored split."""
    for (_, variant), group in part.groupby(["cell", "variant"], sort=False):
        protocol = _protocol(group, f"{where}, {variant}")
        scale = scale.fitted(group["value"].dropna().to_numpy(dtype=np.float64), protocol["n_fake"])
        name = variant if protocol["n_fake"] is None else f"{variant} (n = {int(protocol['n_fake'])})"
        yield {**protocol, "scale": scale.name}, {**_summaries(group, scale), "variant": [name]}


def _summaries(part: pd.DataFrame, scale: Scale) -> dict[str, list[Any]]:
    """Columns of the comparison with one row per cell, in order of first appearance. `part`: rows for one metric."""
    cells = part.groupby(["cell", "variant"], sort=False)
    cell, first = cells.ngroup().to_numpy(), part.drop_duplicates(["cell", "variant"])
    n = len(first)
    value = part["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    status = part["status"].to_numpy(dtype=object)
    scored = (status == "ok") & ~np.isnan(value)
    statistics = {name: column.tolist() for name, column in describe(cell[scored], value[scored], n, scale).items()}
    numbers = {f"n_{name}": counts(cell, status == name, n) for name in STATUSES}
    numbers["n_scored"], numbers["n_asked"] = counts(cell, scored, n), np.bincount(cell, minlength=n)
    numbers["n_collapsed"] = counts(cell, part["verdict"].isin(COLLAPSED).to_numpy(), n)
    return {
        "cell": first["cell"].tolist(),
        "variant": first["variant"].tolist(),
        **statistics,
        "interval": [
            _interval(least, most, sd, scale.name)
            for least, most, sd in zip(statistics["min"], statistics["max"], statistics["sd"], strict=True)
        ],
        **{name: column.tolist() for name, column in numbers.items()},
    }


def _interval(least: float, most: float, sd: float, scale: str) -> str | None:
    """Method of the interval of a mean, or the reason why there is none; None if the spread is unknown."""
    if np.isnan(sd):
        return None
    if least == most:
        return CONSTANT
    return T_INTERVAL + ("" if scale == "identity" else f", on the {scale} scale")


def _floor(floor: pd.DataFrame) -> dict[str, list[Any]]:
    """Statistics of the distinct scores of real images, without an interval, because all scores use the same images."""
    values = floor["value"].dropna().to_numpy(dtype=np.float64)
    statistics = describe(np.zeros(len(values), dtype=int), values, 1)
    kept = {name: column.tolist() for name, column in statistics.items() if not name.startswith("ci_")}
    return {**kept, "n_scored": [len(values)]}


def with_best(table: pd.DataFrame, matrices: Iterable[ScoreMatrix]) -> pd.DataFrame:
    """The comparison with the columns that follow from the rule of `gan_bench.stats.estimate.best`.

    `best` is true for the winner, if there is one. `supported` has the same values, but is empty for variants that are
    not compared. `top` is true for the variants that are not excluded as the best. `worse_low` and `worse_high` are the
    ends of a simultaneous interval: how much worse the variant is than the best of the other variants, on the metric's
    scale. For direction "half", the numbers are distances from one half.
    """
    keys = ["dataset", "metric", "variant"]
    rows = []
    for matrix in matrices:
        best = matrix.best
        for i, variant in enumerate(matrix.variants):
            ends = float(best.low[i]), float(best.high[i])
            rows.append((*(matrix.key[name] for name in keys[:2]), variant, i == best.winner, bool(best.top[i]), *ends))
    columns = [*keys, "won", "top", *NUMBERS]
    decided = table[[*keys, "kind"]].merge(pd.DataFrame(rows, columns=columns), how="left", on=keys)
    decided.index = table.index
    decided = decided.astype({"won": "boolean", "top": "boolean"}).where(table["kind"] == "variant")
    best_column = table["best"].where(decided["won"].isna(), decided["won"])
    return table.assign(best=best_column, supported=decided["won"], **{n: decided[n] for n in ("top", *NUMBERS)})


BUDGET = ["g_steps", "d_steps", "images"]
CONDITIONAL = "conditional: given class labels"


def with_budgets(table: pd.DataFrame, runs: pd.DataFrame, conditional: Collection[tuple[str, str]]) -> pd.DataFrame:
    """The comparison with columns for the budget that each variant used, and with `remark`.

    The budget of a variant (steps of G, steps of D, and images) is the largest one of its runs, because lost runs
    stopped early. The remark says whether the model is conditional. If the variants with finished runs on a data set
    have different budgets, the remark also states the budget. A variant whose runs are all lost has no budget in its
    remark.

    Args:
        table: the comparison.
        runs: the table runs.csv.
        conditional: (data set, cell) of models that get class labels as input.
    """
    cell_keys = ["dataset", "cell"]
    budgets = runs.groupby(cell_keys, sort=False)[BUDGET].max()
    finished = runs[~runs["status"].isin(LOST)].groupby(cell_keys, sort=False)[BUDGET].max()
    trained = finished[finished["images"].fillna(0) > 0].fillna(0)
    distinct = trained.reset_index().groupby("dataset")[BUDGET].apply(lambda part: len(part.drop_duplicates()))
    remarks = {}
    for key in budgets.index:
        parts = [CONDITIONAL] if key in conditional else []
        if key in trained.index and distinct[key[0]] > 1:
            g_steps, d_steps, images = (int(count) for count in trained.loc[key])
            parts.append(f"{g_steps:,} G steps, {d_steps:,} D steps, {images:,} images")
        remarks[key] = "; ".join(parts) or None
    keys = list(zip(table["dataset"], table["cell"], strict=True))
    joined = table[cell_keys].join(budgets, on=cell_keys)
    remark = pd.Series([remarks.get(key) for key in keys], index=table.index, dtype=object)
    return table.assign(**{name: joined[name] for name in BUDGET}, remark=remark)
