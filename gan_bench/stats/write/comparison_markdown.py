"""Write the comparison as Markdown."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from gan_bench.stats.write.markdown import ARROW, escape, estimate, grouped, markdown_table, number, with_decimals
from gan_bench.stats.write.names import STATUSES

Row = Mapping[Hashable, Any]

#: Columns of the comparison from which the cells of the Markdown table are made.
SHOWN = ("centre", "ci_low", "ci_high", "top", "n_scored", "n_asked", "remark", "decimals")

LEGEND = (
    "Mean over seeds on the metric's scale and its 95 % Student t interval (seeds in the mean / seeds planned). ↓ "
    "lower is better, ↑ higher is better, → ½ one half is best. **Bold**: not excluded as the best of its column "
    "(Games and Howell's simultaneous 95 % intervals). A single bold number is the winner; a column without bold "
    "numbers excludes no variant. A winner needs at least three seeds and a score of each run. In the row *real "
    "images*, real images are scored as if they were generated. The columns at the right count lost and missing runs, "
    "which are in no mean."
)


def comparison_markdown(table: pd.DataFrame) -> str:
    """One section per data set: a table of variants by metrics, and the protocol below it.

    The row of real images comes first. Further columns count lost and missing runs.
    """
    study = table["study"].iloc[0] if len(table) else "study"
    parts = [f"# {escape(study)}: comparison", LEGEND]
    scores = with_decimals(table[table["direction"] != "none"])
    for dataset, part in scores.groupby("dataset", sort=False):
        parts += [f"## {escape(str(dataset))}", _table(part), *_protocols(part)]
    return "\n\n".join(parts) + "\n"


def _table(part: pd.DataFrame) -> str:
    metrics = part.drop_duplicates("metric")
    failures = STATUSES[1:]
    head = [f"{escape(row['label'])} {ARROW[row['direction']]}" for _, row in metrics.iterrows()]
    remarks = ["remark"] if part["remark"].notna().any() else []
    lines = [["variant", *head, *failures, *remarks]]
    selective = selective_metrics(part)
    for by_metric in rows_of(part, ("kind", "variant", "cell"), (*SHOWN, *(f"n_{status}" for status in failures))):
        first = next(iter(by_metric.values()))
        cells = [_cell(by_metric.get(metric), bold=metric in selective) for metric in metrics["metric"]]
        counts = [number(first[f"n_{status}"]) for status in failures]
        variant = escape(str(first["variant"]))
        last = [escape(first["remark"]) if pd.notna(first["remark"]) else ""] * len(remarks)
        lines.append([f"*{variant}*" if first["kind"] == "floor" else variant, *cells, *counts, *last])
    return markdown_table(lines, right=range(1, 1 + len(head) + len(failures)))


def selective_metrics(part: pd.DataFrame) -> set[str]:
    """Metrics of a data set by which some variants are excluded as the best and others are not."""
    scored = part[(part["kind"] == "variant") & part["top"].notna()]
    excluded = scored.loc[~scored["top"].astype(bool), "metric"]
    return set(excluded) & set(scored.loc[scored["top"].astype(bool), "metric"])


def rows_of(part: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> Iterator[dict[str, Row]]:
    """One dict, metric -> row, for each group of rows with equal `keys`. Groups are in the order of their first rows.

    Missing values of a key count as equal. If several rows of a group have the same metric, the last one is kept.

    Args:
        part: rows of the comparison.
        keys: columns that define the groups.
        columns: further columns of each returned row, besides "metric" and `keys`.
    """
    names = list(dict.fromkeys(["metric", *keys, *columns]))
    groups: dict[tuple[Any, ...], dict[str, Row]] = {}
    for values in zip(*(part[name].tolist() for name in names), strict=True):
        row: Row = dict(zip(names, values, strict=True))
        groups.setdefault(tuple(None if pd.isna(row[key]) else row[key] for key in keys), {})[row["metric"]] = row
    yield from groups.values()


def _cell(row: Row | None, *, bold: bool) -> str:
    if row is None or pd.isna(row["centre"]):
        return "–" if row is None or pd.isna(row["n_asked"]) else f"– (0/{row['n_asked']})"
    text = " ".join(filter(None, estimate(row)))
    if pd.isna(row["n_asked"]):
        return text
    mark = "**" if bold and pd.notna(row["top"]) and row["top"] else ""
    return f"{mark}{text}{mark} ({row['n_scored']}/{row['n_asked']})"


def _protocols(part: pd.DataFrame) -> list[str]:
    """Text on the protocols of a data set's metrics, and on the protocols of *real images* where they are different."""
    variants = _lines(part[part["kind"] == "variant"])
    floor = _lines(part[part["kind"] == "floor"])
    different = {metric: line for metric, line in floor.items() if variants[metric] != line}
    return [*_protocol_text("Protocol", variants), *_protocol_text("Protocol of *real images*", different)]


def _lines(part: pd.DataFrame) -> dict[str, str]:
    """Metric -> its protocol in words."""
    return {row["metric"]: _protocol(row) for row in part.drop_duplicates("metric").to_dict("records")}


def _protocol_text(title: str, lines: dict[str, str]) -> list[str]:
    """One line if all metrics share a protocol, else a list with one item per protocol."""
    if len(set(lines.values())) <= 1:
        return [f"{title}: {line}" for line in set(lines.values())]
    groups = grouped((escape(metric), line) for metric, line in lines.items())
    return [title + ":", "\n".join(f"- {', '.join(names)}: {line}" for line, names in groups.items())]


def _protocol(row: Row) -> str:
    if pd.isna(row["estimator"]) and pd.isna(row["n_real"]):
        return "no run was scored."
    if pd.isna(row["extractor"]):
        return f"no feature space; {escape(str(row['estimator']))}."
    return (
        f"{number(row['n_real'])} real images ({escape(str(row['split']))} split) against {number(row['n_fake'])} "
        f"generated images, extractor {escape(str(row['extractor']))}."
    )
