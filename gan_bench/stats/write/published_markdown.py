"""Write published numbers next to the study's own numbers as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gan_bench.stats.write.markdown import escape, estimate, markdown_table, number

LEGEND = (
    "A published number is *comparable* only if extractor, numbers of images and split are known and equal. All other "
    "known differences are listed too. Obtained: mean over seeds on the metric's scale with its 95 % Student t "
    "interval (seeds in the mean / seeds planned). No setting was tuned to match a published number."
)
HEADS = ("metric", "published as", "published", "ours", "obtained", "comparable")
EMPTY = "No published number is stored for a data set and metric of this study (config/published/)."


def published_markdown(table: pd.DataFrame, study: str) -> str:
    """One table per data set, with the differences of protocols below it. `table`: published.csv; it may be empty."""
    parts = [f"# {escape(study)}: published and obtained", LEGEND]
    if table.empty:
        return "\n\n".join([*parts, EMPTY]) + "\n"
    for dataset, part in table.groupby("dataset", sort=False):
        parts.append(f"## {escape(str(dataset))}")
        parts.append(markdown_table([HEADS, *map(_cells, part.to_dict("records"))], right=(2, 4)))
        parts.append("\n".join(_differences(part)))
    return "\n\n".join(parts) + "\n"


def _cells(row: Mapping[Any, Any]) -> list[str]:
    spread: str = "" if pd.isna(row["published_spread"]) else f" ± {number(row['published_spread'])}"
    variant, obtained = "–", "–"
    if not pd.isna(row["variant"]):
        low, high = row["obtained_low"], row["obtained_high"]
        ends = {"centre": row["obtained"], "ci_low": low, "ci_high": high}
        text = " ".join(filter(None, estimate({**row, **ends})))
        variant = escape(row["variant"])
        obtained = f"{text} ({row['n_scored']}/{row['n_asked']})"
    metric = "Fréchet distance" if row["metric"] == "frechet" else escape(row["metric"])
    published = f"{number(row['published'])}{spread}"
    return [metric, escape(row["published_name"]), published, variant, obtained, row["comparable"]]


def _differences(part: pd.DataFrame) -> Iterator[str]:
    """One line per source, kind of spread and differences of protocols, with the names of the published numbers."""
    for _, rows in part.groupby(["source", "spread_is", "differences"], sort=False, dropna=False):
        first: dict[Any, Any] = rows.iloc[0].to_dict()
        names = ", ".join(dict.fromkeys(escape(name) for name in rows["published_name"]))
        spread = "" if pd.isna(first["spread_is"]) else f" (±: {escape(str(first['spread_is']))})"
        yield f"- {names}: {escape(first['source'])}{spread}. {escape(first['differences'])}."
