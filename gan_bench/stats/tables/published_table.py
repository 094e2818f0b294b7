"""Published numbers beside the study's own, with every difference of protocol named."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.stats.tables.comparison import display_name
from gan_bench.stats.tables.published_numbers import HARD, MATCHES, Published
from gan_bench.stats.write.markdown import escape, number

COLUMNS = [
    *("study", "dataset", "variant", "published_name", "metric", "label", "published", "published_spread", "spread_is"),
    *("published_runs", "obtained", "obtained_low", "obtained_high", "n_scored", "n_asked", "comparable"),
    *("differences", "source", "evidence", "key"),
]

LEGEND = (
    "A published number is *comparable* only where extractor, numbers of images and split are known and the same; all "
    "other differences that are known are named too. Obtained: mean over seeds with its 95 % Student t interval (seeds "
    "in the mean / seeds asked). No number here was fitted to a published one."
)
NOTHING = "No published number is stored for a data set and metric of this study (config/published/)."

Row = Mapping[Any, Any]


def published_table(
    comparison: pd.DataFrame, runs: pd.DataFrame, names: Mapping[str, str], found: Sequence[Published]
) -> pd.DataFrame:
    """One row per published number and variant of the study that it is a number of, columns COLUMNS.

    `names`: label of a data set -> its component. Numbers of other data sets, or of metrics that the study has not, are
    left out; a number whose variant the study has not stands there without ours.
    """
    ours = comparison[(comparison["kind"] == "variant") & comparison["metric"].isin({one.metric for one in found})]
    by_metric: dict[str, list[Row]] = {}
    for own in ours.to_dict("records"):
        by_metric.setdefault(str(own["metric"]), []).append(own)
    single = runs.drop_duplicates(["dataset", "cell"])[["dataset", "cell", *MATCHES]]
    cells = {(row["dataset"], row["cell"]): row for row in single.to_dict("records")}
    images = runs[runs["status"] == "ok"].groupby(["dataset", "cell"])["images"].mean().to_dict()
    rows: list[dict[str, Any]] = []
    for theirs in found:
        here = [row for row in by_metric.get(theirs.metric, []) if names.get(row["dataset"]) == theirs.dataset]
        same = [row for row in here if _matches(theirs, cells[row["dataset"], row["cell"]])]
        for row in same:
            rows.append({**_shared(theirs, row), **_obtained(theirs, row, images.get((row["dataset"], row["cell"])))})
        if here and not same:
            words = "no variant of this study has these parts: " + ", ".join(
                f"{k} {v}" for k, v in theirs.match.items()
            )
            rows.append({**_shared(theirs, here[0]), "comparable": "no", "differences": words})
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["published_runs", "n_scored", "n_asked"], "Int64"))


def _matches(theirs: Published, cell: Row) -> bool:
    found = {name: "none" if pd.isna(cell[name]) else str(cell[name]) for name in MATCHES}
    return all(found[name] == value for name, value in theirs.match.items())


def _shared(theirs: Published, row: Row) -> dict[str, Any]:
    return {
        "study": row["study"],
        "dataset": row["dataset"],
        "published_name": theirs.name,
        "metric": theirs.metric,
        "label": row["label"],
        "published": theirs.value,
        "published_spread": theirs.spread,
        "spread_is": theirs.spread_is if theirs.spread is not None else None,
        "published_runs": theirs.protocol.get("runs"),
        "source": theirs.source,
        "evidence": theirs.evidence,
        "key": theirs.key,
    }


def _obtained(theirs: Published, row: Row, images: Any) -> dict[str, Any]:
    hard = [text for name in HARD for text in _difference(theirs, name, row[name])]
    soft = list(_soft(theirs, row, images))
    if not pd.notna(row["mean"]):
        hard.insert(0, "no run of ours was scored")
    return {
        "variant": row["variant"],
        "obtained": row["mean"],
        "obtained_low": row["ci_low"],
        "obtained_high": row["ci_high"],
        "n_scored": row["n_scored"],
        "n_asked": row["n_asked"],
        "comparable": "no" if hard else "yes",
        "differences": "; ".join([*hard, *soft]),
    }


def _difference(theirs: Published, name: str, ours: Any) -> Iterator[str]:
    """Words where a key that must agree does not, or is not known of either side."""
    if name not in theirs.protocol:
        yield f"{name}: not stated there, {_value(ours)} here"
    elif theirs.protocol[name] is None:
        return
    elif pd.isna(ours) or str(theirs.protocol[name]) != str(ours):
        yield f"{name}: {_value(theirs.protocol[name])} there, {_value(ours)} here"


def _soft(theirs: Published, row: Row, images: Any) -> Iterator[str]:
    protocol = theirs.protocol
    if protocol.get("runs") is not None and protocol["runs"] != row["n_asked"]:
        yield f"runs: {protocol['runs']} there, {row['n_asked']} here"
    if protocol.get("images") is not None and (pd.isna(images) or float(images) != protocol["images"]):
        yield f"real images shown: {protocol['images']} there, {_value(images)} here"
    if protocol.get("selection"):
        yield f"selection: {protocol['selection']} there, none here"
    if protocol.get("estimator"):
        yield f"estimator: {protocol['estimator']} there, {_value(row['estimator'])} here"
    yield from (f"there: {text}" for text in protocol.get("also") or [])


def _value(value: Any) -> str:
    if pd.isna(value):
        return "none"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def published_markdown(table: pd.DataFrame, study: str) -> str:
    """A table per data set with the differences below it, or words where nothing published is stored."""
    parts = [f"# {escape(study)}: published and obtained", LEGEND]
    if table.empty:
        return "\n\n".join([*parts, NOTHING]) + "\n"
    for dataset, part in table.groupby("dataset", sort=False):
        parts.append(f"## {escape(str(dataset))}")
        lines = ["| metric | published as | published | ours | obtained | comparable |"]
        lines.append("| --- | --- | ---: | --- | ---: | --- |")
        lines += [f"| {' | '.join(_cells(row))} |" for row in part.to_dict("records")]
        parts.append("\n".join(lines))
        parts.append("\n".join(_differences(part)))
    return "\n\n".join(parts) + "\n"


def _cells(row: Row) -> list[str]:
    spread: str = "" if pd.isna(row["published_spread"]) else f" ± {number(row['published_spread'])}"
    if pd.isna(row["variant"]):
        ours, obtained = "–", "–"
    else:
        ours, counted = escape(row["variant"]), f" ({row['n_scored']}/{row['n_asked']})"
        ends = (
            "" if pd.isna(row["obtained_low"]) else f" [{number(row['obtained_low'])}, {number(row['obtained_high'])}]"
        )
        obtained = f"{number(row['obtained'])}{ends}{counted}"
    metric = escape(display_name(row["metric"], None)) if row["metric"] == "fid" else escape(row["metric"])
    return [
        metric,
        escape(row["published_name"]),
        f"{number(row['published'])}{spread}",
        ours,
        obtained,
        row["comparable"],
    ]


def _differences(part: pd.DataFrame) -> Iterator[str]:
    """One line for each source and set of differences, with the numbers that it is of."""
    for _, rows in part.groupby(["source", "spread_is", "differences"], sort=False, dropna=False):
        first: dict[Any, Any] = rows.iloc[0].to_dict()
        names = ", ".join(dict.fromkeys(escape(name) for name in rows["published_name"]))
        spread = "" if pd.isna(first["spread_is"]) else f" (±: {escape(str(first['spread_is']))})"
        yield f"- {names}: {escape(first['source'])}{spread}. {escape(first['differences'])}."
