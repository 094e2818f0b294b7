"""Published numbers next to the study's own numbers, with every known difference between the protocols."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.stats.tables.published_numbers import HARD, MATCHES, PublishedNumber

COLUMNS = [
    *("study", "dataset", "variant", "published_name", "metric", "label", "published", "published_spread", "spread_is"),
    *("published_runs", "obtained", "obtained_low", "obtained_high", "n_scored", "n_asked", "comparable"),
    *("differences", "source", "evidence", "key"),
]

Row = Mapping[Any, Any]


def published_table(
    comparison: pd.DataFrame, runs: pd.DataFrame, datasets: Mapping[str, str], numbers: Sequence[PublishedNumber]
) -> pd.DataFrame:
    """The table published.csv: one row per published number and matching variant of the study, columns COLUMNS.

    Published numbers on data sets or metrics that are not in the study are left out. A number without a matching
    variant gets a row without an obtained value.

    Args:
        comparison: the table comparison.csv.
        runs: the table runs.csv.
        datasets: label of a data set -> name of its component.
        numbers: the published numbers.
    """
    metrics = {number.metric for number in numbers}
    by_metric: dict[str, list[Row]] = {}
    ours = comparison[(comparison["kind"] == "variant") & comparison["metric"].isin(metrics)]
    for obtained in ours.to_dict("records"):
        by_metric.setdefault(str(obtained["metric"]), []).append(obtained)
    single = runs.drop_duplicates(["dataset", "cell"])[["dataset", "cell", *MATCHES]]
    cells = {(row["dataset"], row["cell"]): row for row in single.to_dict("records")}
    images = runs[runs["status"] == "ok"].groupby(["dataset", "cell"])["images"].mean().to_dict()
    rows: list[dict[str, Any]] = []
    for number in numbers:
        candidates = [row for row in by_metric.get(number.metric, []) if datasets.get(row["dataset"]) == number.dataset]
        matches = [row for row in candidates if _matches(number, cells[row["dataset"], row["cell"]])]
        for row in matches:
            shown = images.get((row["dataset"], row["cell"]))
            rows.append({**_shared(number, row), **_obtained(number, row, shown)})
        if candidates and not matches:
            parts = ", ".join(f"{name} {value}" for name, value in number.match.items())
            words = f"no variant of this study has these parts: {parts}"
            rows.append({**_shared(number, candidates[0]), "comparable": "no", "differences": words})
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["published_runs", "n_scored", "n_asked"], "Int64"))


def _matches(number: PublishedNumber, cell: Row) -> bool:
    parts = {name: "none" if pd.isna(cell[name]) else str(cell[name]) for name in MATCHES}
    return all(parts[name] == value for name, value in number.match.items())


def _shared(number: PublishedNumber, row: Row) -> dict[str, Any]:
    return {
        "study": row["study"],
        "dataset": row["dataset"],
        "published_name": number.name,
        "metric": number.metric,
        "label": row["label"],
        "published": number.value,
        "published_spread": number.spread,
        "spread_is": number.spread_is if number.spread is not None else None,
        "published_runs": number.protocol.get("runs"),
        "source": number.source,
        "evidence": number.evidence,
        "key": number.key,
    }


def _obtained(number: PublishedNumber, row: Row, images: Any) -> dict[str, Any]:
    """Columns with the study's own number, and whether it is comparable.

    `images`: mean number of real images that were shown to D.
    """
    hard = [text for name in HARD for text in _hard_difference(number, name, row[name])]
    soft = list(_soft_differences(number, row, images))
    if not pd.notna(row["mean"]):
        hard.insert(0, "no run of this study was scored")
    return {
        "variant": row["variant"],
        "obtained": row["centre"],
        "obtained_low": row["ci_low"],
        "obtained_high": row["ci_high"],
        "n_scored": row["n_scored"],
        "n_asked": row["n_asked"],
        "comparable": "no" if hard else "yes",
        "differences": "; ".join([*hard, *soft]),
    }


def _hard_difference(number: PublishedNumber, name: str, ours: Any) -> Iterator[str]:
    """Yield a text if the source does not state the key `name` of HARD, or states another value than this study has.

    A key that does not apply to the published number (None) never differs.
    """
    if name not in number.protocol:
        yield f"{name}: not stated there, {_text(ours)} here"
    elif number.protocol[name] is None:
        return
    elif pd.isna(ours) or str(number.protocol[name]) != str(ours):
        yield f"{name}: {_text(number.protocol[name])} there, {_text(ours)} here"


def _soft_differences(number: PublishedNumber, row: Row, images: Any) -> Iterator[str]:
    """Yield a text for each difference that does not prevent a comparison.

    The source's selection, estimator and further remarks are always listed.
    """
    protocol = number.protocol
    if protocol.get("runs") is not None and protocol["runs"] != row["n_asked"]:
        yield f"runs: {protocol['runs']} there, {row['n_asked']} here"
    if protocol.get("images") is not None and (pd.isna(images) or float(images) != protocol["images"]):
        yield f"real images shown: {protocol['images']} there, {_text(images)} here"
    if protocol.get("selection"):
        yield f"selection: {protocol['selection']} there, none here"
    if protocol.get("estimator"):
        yield f"estimator: {protocol['estimator']} there, {_text(row['estimator'])} here"
    yield from (f"there: {text}" for text in protocol.get("also") or [])


def _text(value: Any) -> str:
    if pd.isna(value):
        return "none"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
