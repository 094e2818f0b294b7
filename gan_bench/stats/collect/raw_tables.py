"""Makes rows of the raw tables (runs, calibration, curves, validation and spaces) from the `RunRecord` of one run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.verdict import NOT_JUDGED
from gan_bench.stats.collect.run_files import RunRecord, note_of
from gan_bench.stats.write.names import FLOOR
from gan_bench.stats.write.table_files import whole_numbers

PROTOCOL = ("n_real", "n_fake", "extractor", "split", "estimator")
CALIBRATION_COLUMNS = ("study", "dataset", "variant", "metric", "value", "direction", *PROTOCOL, "note")
CURVES_COLUMNS = (
    *("study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction"),
    *(*PROTOCOL, "note"),
)
SPACES_COLUMNS = tuple(name for name in CURVES_COLUMNS if name != "step")
VALIDATION_COLUMNS = tuple(name for name in CURVES_COLUMNS if name != "split")

Row = dict[str, Any]


def run_rows(record: RunRecord, values: Iterable[Mapping[str, Any]], mark: str | None) -> Iterator[Row]:
    """Rows of runs.csv for a run, one per planned metric value.

    If there is no value, `value` is empty and `note` gives the reason. Scores are kept even if the status of the run is
    not "ok".

    Args:
        record: the run.
        values: the planned metric values, from `planned_values`.
        mark: the run's note from `code_marks`; None without a note.
    """
    status = record.status_document or {}
    shared = {
        "study": record.run.study,
        **record.run.key,
        **record.run.parts,
        "status": record.status,
        "diverged_step": status.get("step") if record.status == "diverged" else None,
        "verdict": (record.collapse or {}).get("verdict") or NOT_JUDGED,
        **{name: status.get(name) for name in ("g_steps", "d_steps", "images")},
    }
    for value in values:
        score = record.metrics.get(value["metric"])
        yield {
            **shared,
            "metric": value["metric"],
            "value": (score or {}).get("value"),
            "direction": value["direction"],
            **{name: (score or {}).get(name) for name in PROTOCOL},
            "note": "; ".join(filter(None, (note_of(record, score), mark))) or None,
        }


def floor_rows(record: RunRecord, direction: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """The scores of real images in a run's metrics.json, as tuples in the order of CALIBRATION_COLUMNS.

    Scores of metric values that are not in the plan are left out. `direction`, here and in the functions below: metric
    value of the plan -> whether a low or a high score is better.
    """
    for row in _planned(record.floor, direction):
        shared = {"study": record.run.study, "dataset": record.run.dataset, "variant": FLOOR}
        yield tuple((shared | row)[name] for name in CALIBRATION_COLUMNS)


def calibration_table(n_runs: Mapping[tuple[Any, ...], int]) -> pd.DataFrame:
    """The table calibration.csv: each distinct row of `floor_rows` once, with the number of runs that have it."""
    rows = [(*row, count) for row, count in n_runs.items()]
    return whole_numbers(pd.DataFrame(rows, columns=[*CALIBRATION_COLUMNS, "n_runs"]))


def curve_rows(record: RunRecord, direction: Mapping[str, str]) -> Iterator[Row]:
    """Rows of curves.csv for a run: one per metric value of each generator kept during training."""
    for kept in record.checkpoints:
        for row in _planned(kept["metrics"], direction):
            yield {"study": record.run.study, **record.run.key, "step": kept["step"], **row}


def validation_rows(record: RunRecord, direction: Mapping[str, str]) -> Iterator[Row]:
    """Rows of validation.csv for a run: one per generator and metric value; none if no images were set aside.

    `step` is empty for the final generator.
    """
    by_step = [(None, record.validation), *((kept["step"], kept.get("validation", ())) for kept in record.checkpoints)]
    for step, scores in by_step:
        for row in _planned(scores, direction):
            yield {"study": record.run.study, **record.run.key, "step": step, **row}


def space_rows(record: RunRecord, direction: Mapping[str, str]) -> Iterator[Row]:
    """Rows of spaces.csv for a run: one per additional feature space and metric value."""
    for space in record.spaces:
        for row in _planned(space["metrics"], direction):
            yield {"study": record.run.study, **record.run.key, **row}


def _planned(scores: Iterable[Mapping[str, Any]], direction: Mapping[str, str]) -> Iterator[Row]:
    """Metric, value, direction, protocol and note of each row of metrics.json whose metric value is in the plan."""
    for row in scores:
        if (name := row["name"]) in direction:
            columns = {column: row.get(column) for column in ("value", *PROTOCOL, "note")}
            yield {"metric": name, "direction": direction[name], **columns}
