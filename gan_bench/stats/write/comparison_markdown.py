"""Write the comparison as Markdown."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, escape, number, spread
from gan_bench.stats.write.names import STATUSES

Row = Mapping[Hashable, Any]

#: Columns of the comparison that a cell of the Markdown table shows.
SHOWN = ("mean", "sd", "best", "n_scored", "n_asked")

LEGEND = (
    "Mean ± standard deviation over seeds (seeds in the mean / seeds asked). ↓ lower is better, ↑ higher is better, "
    "→ ½ one half is best. **Bold** (↓ and ↑ only): the variant's 95 % Student t interval lies apart from those of all "
    "others, and no seed is missing from its mean; this is no test. The row *real (train)* scores real training images "
    "like generated ones. Runs that did not end well are counted at the right and are in no mean."
)


def comparison_markdown(table: pd.DataFrame) -> str:
    """A section per data set: variants x metrics with real images first, counts of failed runs, and the protocol."""
    study = table["study"].iloc[0] if len(table) else "study"
    parts = [f"# {escape(study)}: comparison", LEGEND]
    scores = table[table["direction"] != "none"]
    for dataset, part in scores.groupby("dataset", sort=False):
        parts += [f"## {escape(str(dataset))}", _table(part), *_protocols(part)]
    return "\n\n".join(parts) + "\n"


def _table(part: pd.DataFrame) -> str:
    metrics = part.drop_duplicates("metric")
    failures = STATUSES[1:]
    head = [f"{escape(row['label'])} {ARROW[row['direction']]}" for _, row in metrics.iterrows()]
    lines = [["variant", *head, *failures], ["---", *["---:"] * (len(head) + len(failures))]]
    for by_metric in rows_of(part, ("kind", "variant", "cell"), (*SHOWN, *(f"n_{status}" for status in failures))):
        first = next(iter(by_metric.values()))
        cells = [_cell(by_metric.get(metric)) for metric in metrics["metric"]]
        counts = [number(first[f"n_{status}"]) for status in failures]
        variant = escape(str(first["variant"]))
        lines.append([f"*{variant}*" if first["kind"] == "floor" else variant, *cells, *counts])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rows_of(part: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> Iterator[dict[str, Row]]:
    """Rows by metric, for each group of rows with equal `keys`, in the order of the groups' first rows.

    Missing values of a key equal each other. Of two rows with the same group and metric the last is kept.

    Args:
        part: rows of the comparison.
        keys: columns that define the groups.
        columns: further columns to return; "metric" and `keys` are always in a row.
    """
    names = list(dict.fromkeys(["metric", *keys, *columns]))
    groups: dict[tuple[Any, ...], dict[str, Row]] = {}
    for values in zip(*(part[name].tolist() for name in names), strict=True):
        row: Row = dict(zip(names, values, strict=True))
        groups.setdefault(tuple(None if pd.isna(row[key]) else row[key] for key in keys), {})[row["metric"]] = row
    yield from groups.values()


def _cell(row: Row | None) -> str:
    if row is None or pd.isna(row["mean"]):
        return "–" if row is None or pd.isna(row["n_asked"]) else f"– (0/{row['n_asked']})"
    text = spread(row["mean"], None if pd.isna(row["sd"]) else row["sd"])
    if pd.isna(row["n_asked"]):
        return text
    bold = "**" if pd.notna(row["best"]) and row["best"] else ""
    return f"{bold}{text}{bold} ({row['n_scored']}/{row['n_asked']})"


def _protocols(part: pd.DataFrame) -> list[str]:
    """The protocol of a data set's metrics, and that of the real images for the metrics where it differs."""
    variants = _lines(part[part["kind"] == "variant"])
    floor = _lines(part[part["kind"] == "floor"])
    different = {metric: line for metric, line in floor.items() if variants[metric] != line}
    return [*_protocol_text("Protocol", variants), *_protocol_text("Protocol of *real (train)*", different)]


def _lines(part: pd.DataFrame) -> dict[str, str]:
    """Protocol in words, by metric."""
    return {row["metric"]: _protocol(row) for row in part.drop_duplicates("metric").to_dict("records")}


def _protocol_text(title: str, lines: dict[str, str]) -> list[str]:
    """One line if all metrics share a protocol, else a list with one item per protocol."""
    if len(set(lines.values())) <= 1:
        return [f"{title}: {line}" for line in set(lines.values())]
    groups: dict[str, list[str]] = {}
    for metric, line in lines.items():
        groups.setdefault(line, []).append(escape(metric))
    return [title + ":", "\n".join(f"- {', '.join(names)}: {line}" for line, names in groups.items())]


def _protocol(row: Row) -> str:
    if pd.isna(row["estimator"]) and pd.isna(row["n_real"]):
        return "no run was scored."
    if pd.isna(row["extractor"]):
        return f"no feature space; {escape(str(row['estimator']))}."
    return (
        f"{number(row['n_real'])} real images ({escape(str(row['split']))} split) against {number(row['n_fake'])} "
        f"generated ones, extractor {escape(str(row['extractor']))}."
    )
