"""The comparison of a data set as rows of its page: one column per metric, calibration apart from the variants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.markdown import number, spread

MINUS = "\N{MINUS SIGN}"
ARROWS = {
    "lower": ("\N{DOWNWARDS ARROW}", "lower is better"),
    "higher": ("\N{UPWARDS ARROW}", "higher is better"),
    "half": ("\N{RIGHTWARDS ARROW} ½", "one half is best"),
}
LOST = {"n_diverged": "diverged", "n_failed": "failed", "n_timeout": "out of time", "n_missing": "missing"}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """A cell of the table: what is printed, what it is sorted by ("" where there is no number)."""

    text: str
    interval: str
    n: str
    value: str
    best: bool


@dataclass(frozen=True)
class Compared:
    """The table of one data set. A row is (name, scores, counts of runs that are in no mean)."""

    dataset: str
    metrics: list[tuple[str, str, str]]
    lost: list[str]
    rows: list[tuple[str, list[Score], list[int]]]
    calibration: list[tuple[str, list[Score]]]
    protocol: list[str]


def compared(tables: Tables, dataset: str) -> Compared | None:
    """The table of a data set, None where the plan asks for no metric."""
    part = tables.comparison[tables.comparison["dataset"] == dataset]
    if part.empty:
        return None
    metrics = part.drop_duplicates("metric")
    names = metrics["metric"].tolist()
    variants = part[part["kind"] == "variant"]
    # Nothing is said of outcomes that no run of the study had; divergence is always said.
    lost = [name for name in LOST if name == "n_diverged" or tables.comparison[name].fillna(0).sum()]
    return Compared(
        dataset=dataset,
        metrics=[
            (row["label"] + tables.unit(row["metric"]), *ARROWS.get(row["direction"], ("", "")))
            for row in records(metrics)
        ],
        lost=[LOST[name] for name in lost],
        rows=[
            (str(variant), _scores(own, names), [int(own[name].max()) for name in lost])
            for (_, variant), own in variants.groupby(["cell", "variant"], sort=False)
        ],
        calibration=[
            (str(name), _scores(own, names))
            for name, own in part[part["kind"] != "variant"].groupby("variant", sort=False)
        ],
        protocol=_protocols(variants, metrics),
    )


def _scores(own: pd.DataFrame, metrics: list[str]) -> list[Score]:
    rows = {row["metric"]: row for row in records(own)}
    return [_score(rows.get(metric)) for metric in metrics]


def _score(row: Row | None) -> Score:
    if row is None or pd.isna(row["mean"]):
        n = "" if row is None or pd.isna(row["n_asked"]) else f"0/{int(row['n_asked'])}"
        return Score("\N{EN DASH}", "", n, "", best=False)
    interval = "" if pd.isna(row["ci_low"]) else f"[{_number(row['ci_low'])}, {_number(row['ci_high'])}]"
    return Score(
        text=spread(row["mean"], None if pd.isna(row["sd"]) else row["sd"]).replace("-", MINUS),
        interval=interval,
        n="" if pd.isna(row["n_asked"]) else f"{int(row['n_scored'])}/{int(row['n_asked'])}",
        value=repr(float(row["mean"])),
        best=bool(pd.notna(row["best"]) and row["best"]),
    )


def _number(value: float) -> str:
    return number(value).replace("-", MINUS)


def _protocols(variants: pd.DataFrame, metrics: pd.DataFrame) -> list[str]:
    """What the numbers hold for: one sentence, or one for each metric where they differ."""
    label = dict(zip(metrics["metric"], metrics["label"], strict=True))
    lines = {row["metric"]: _protocol(row) for row in records(variants.drop_duplicates("metric"))}
    if len(set(lines.values())) == 1:
        return list(set(lines.values()))
    return [f"{label[metric]}: {line}" for metric, line in lines.items()]


def _protocol(row: Row) -> str:
    if pd.isna(row["n_real"]) and pd.isna(row["extractor"]):
        return "no run was scored."
    features = "on pixels" if pd.isna(row["extractor"]) else f"in features of {row['extractor']}"
    estimator = "" if pd.isna(row["estimator"]) else f", estimator {row['estimator']}"
    return (
        f"{row['n_real']} real images ({row['split']} split) against {row['n_fake']} generated, {features}{estimator}."
    )
