"""Comparison table of a data set on the report page: a column per metric, a row per variant, a row for real images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.figures._scores import best_first, shown_metrics
from gan_bench.report.tables_input import DIRECTIONS, Tables, records
from gan_bench.stats.write.comparison_markdown import selective_metrics
from gan_bench.stats.write.markdown import estimate, grouped
from gan_bench.stats.write.space_markdown import counts_text

MINUS = "\N{MINUS SIGN}"
LOST = {"n_diverged": "diverged", "n_failed": "failed", "n_timeout": "out of time", "n_missing": "missing"}

#: Largest number of variants in a table on the page; comparison.csv has all variants.
MOST_ROWS = 200

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """One entry of the table: the score of a variant, or of real images, by one metric.

    `value`: key for sorting; "" if there is no score. `n`: number of scored / planned runs, such as "2/3". `best`:
    whether the variant may be the best by this metric, while at least one other variant is known not to be the best.
    """

    text: str
    interval: str
    n: str
    value: str
    best: bool


@dataclass(frozen=True)
class Compared:
    """The table of one data set: the best MOST_ROWS of `n_variants` variants, best first.

    A row is (cell id, name, scores, lost runs, remark). "Lost runs" is a list with the number of runs for each outcome
    in `lost`, such as "diverged". Lost runs are in no mean. `calibration`: the row for real images, as (name, scores).
    """

    dataset: str
    metrics: list[tuple[str, str, str]]
    lost: list[str]
    rows: list[tuple[str, str, list[Score], list[int], str]]
    n_variants: int
    calibration: list[tuple[str, list[Score]]]
    protocol: list[str]
    estimators: list[tuple[str, str]]


def compared(tables: Tables, dataset: str) -> Compared | None:
    """The table of a data set; None if no metric of the comparison can rank its variants."""
    part = tables.comparison[tables.comparison["dataset"] == dataset]
    part = part[part["direction"] != "none"]
    part = part[part["metric"].isin(shown_metrics(part))]
    if part.empty:
        return None
    metrics = part.drop_duplicates("metric")
    names, bold = metrics["metric"].tolist(), selective_metrics(part)
    variants = part[part["kind"] == "variant"]
    # An outcome without runs gets no column.
    lost = [name for name in LOST if part[name].fillna(0).sum()]
    order = best_first(part)
    cells: dict[str, list[Row]] = {}
    for row in records(variants[variants["cell"].isin(order[:MOST_ROWS])]):
        cells.setdefault(row["cell"], []).append(row)
    return Compared(
        dataset=dataset,
        metrics=[
            (tables.short_label(row["label"]) + tables.unit(row["metric"]), *DIRECTIONS.get(row["direction"], ("", "")))
            for row in records(metrics)
        ],
        lost=[LOST[name] for name in lost],
        rows=[
            (
                cell,
                _name(cells[cell]),
                _scores(cells[cell], names, bold),
                _lost(cells[cell], lost),
                "" if pd.isna(cells[cell][0]["remark"]) else str(cells[cell][0]["remark"]),
            )
            for cell in order[:MOST_ROWS]
        ],
        n_variants=len(order),
        calibration=[
            (str(name), _scores(records(rows), names, set()))
            for name, rows in part[part["kind"] != "variant"].groupby("variant", sort=False)
        ],
        **_protocols_and_estimators(tables, dataset, variants, metrics),
    )


def _name(rows: Sequence[Row]) -> str:
    return str(rows[0]["variant"])


def _lost(rows: Sequence[Row], names: list[str]) -> list[int]:
    return [int(max(row[name] for row in rows)) for name in names]


def _scores(rows: Sequence[Row], metrics: list[str], bold: set[str]) -> list[Score]:
    by_metric = {row["metric"]: row for row in rows}
    return [_score(by_metric.get(metric), bold=metric in bold) for metric in metrics]


def _score(row: Row | None, *, bold: bool) -> Score:
    if row is None or pd.isna(row["centre"]):
        n = "" if row is None or pd.isna(row["n_asked"]) else f"0/{int(row['n_asked'])}"
        return Score("\N{EN DASH}", "", n, "", best=False)
    text, interval = (part.replace("-", MINUS) for part in estimate(row))
    return Score(
        text=text,
        interval=interval,
        n="" if pd.isna(row["n_asked"]) else f"{int(row['n_scored'])}/{int(row['n_asked'])}",
        value=repr(float(row["centre"])),
        best=bool(bold and pd.notna(row["top"]) and row["top"]),
    )


def _protocols_and_estimators(
    tables: Tables, dataset: str, variants: pd.DataFrame, metrics: pd.DataFrame
) -> dict[str, Any]:
    """ "protocol": how metrics are measured (counts of images, split, features). "estimators": (metrics, estimator).

    If the metrics have different protocols, each protocol starts with the names of its metrics.
    """
    label = {row["metric"]: tables.short_label(row["label"]) for row in records(metrics)}
    rows = [(label[row["metric"]], row) for row in records(variants.drop_duplicates("metric"))]
    protocols = grouped((name, _protocol(row)) for name, row in rows)
    estimators = grouped((name, str(row["estimator"])) for name, row in rows if pd.notna(row["estimator"]))
    return {
        "protocol": [
            *(f"{', '.join(names)}: {text}" if len(protocols) > 1 else text for text, names in protocols.items()),
            *_spaces(tables, dataset),
        ],
        "estimators": [(", ".join(names), text) for text, names in estimators.items()],
    }


def _spaces(tables: Tables, dataset: str) -> list[str]:
    """One line per metric: how many pairs of variants have a decided order in k, k - 1, ..., 0 of k feature spaces.

    [] for a study with one feature space.
    """
    table = tables.wanted("space_decisions")
    part = table if table.empty else table[table["dataset"] == dataset]
    return [
        f"{rows['label'].iloc[0]}, order of two variants by feature space: {counts_text(rows)}"
        for _, rows in (part.groupby("metric", sort=False) if len(part) else ())
    ]


def _protocol(row: Row) -> str:
    if pd.isna(row["n_real"]) and pd.isna(row["estimator"]):
        return "no run was scored."
    if pd.isna(row["extractor"]):
        return "computed without a feature space; see the estimator."
    return (
        f"{row['n_real']} real images ({row['split']} split) against {row['n_fake']} generated, in features of "
        f"{row['extractor']}."
    )
