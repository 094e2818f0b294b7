"""Collect what the runs of a study left into tables: one row per asked run and metric value, whatever became of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import write_json
from gan_bench.stats.found import Found, find, note_of, require_complete
from gan_bench.stats.media import media_table
from gan_bench.stats.mixed import code_marks
from gan_bench.stats.names import (
    CALIBRATION_TABLE,
    CURVES_TABLE,
    FLOOR,
    METRICS_TABLE,
    RUN_CARDS,
    RUN_COLUMNS,
    TABLES,
    VALIDATION_TABLE,
)
from gan_bench.stats.plan import asked_runs, asked_values, read_plan
from gan_bench.stats.table_files import read_csv, whole_numbers, write_csv, write_parquet
from gan_bench.stats.validation import validation_table

PROTOCOL = ("n_real", "n_fake", "extractor", "split", "estimator")


def collect(study_folder: Path, *, complete: bool) -> None:
    """Write run_cards.json and tables/{runs,metrics,calibration,curves}.csv, histories.parquet, media.parquet; and
    validation.csv where the study sets images aside for choices.

    `complete`: UserError naming the runs that lack results; nothing is written. Otherwise a run without status is a
    row with status "missing", and where no run has left anything the tables stay as they are: they are then all that
    is stored (UserError when they are of other runs than the plan's).
    """
    study_folder = Path(study_folder)
    plan = read_plan(study_folder)
    values = asked_values(plan)
    asked = asked_runs(plan, study_folder)
    found = [find(run, [row["metric"] for row in values]) for run in asked]
    tables = study_folder / TABLES
    if complete:
        require_complete(found)
    elif all(run.status == "missing" for run in found) and (tables / paths.RUNS_TABLE).is_file():
        _check_stored(tables / paths.RUNS_TABLE, found, values)
        return
    media = media_table(found, tables / paths.MEDIA_TABLE)
    write_csv(tables / METRICS_TABLE, pd.DataFrame(values))
    write_csv(tables / CALIBRATION_TABLE, calibration_table(found, values))
    write_csv(tables / CURVES_TABLE, curves_table(found, values))
    (tables / VALIDATION_TABLE).unlink(missing_ok=True)
    if plan["evaluation"].get("validation") is not None:
        write_csv(tables / VALIDATION_TABLE, validation_table(found, values))
    write_parquet(tables / paths.HISTORIES_TABLE, _histories(found))
    write_parquet(tables / paths.MEDIA_TABLE, media)
    write_json(study_folder / RUN_CARDS, [_card(run) for run in found])
    write_csv(tables / paths.RUNS_TABLE, runs_table(found, values))


def runs_table(found: list[Found], values: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per asked run and metric value, columns RUN_COLUMNS, in the plan's order.

    `value` is empty where there is none, and `note` says why; numbers of a run that did not end "ok" are as reported.
    """
    marks = code_marks([_card(run) for run in found])
    rows = [
        _row(run, value, marks.get((run.asked.dataset, run.asked.cell, run.asked.seed)))
        for run in found
        for value in values
    ]
    return whole_numbers(pd.DataFrame(rows, columns=list(RUN_COLUMNS)))


def _row(run: Found, value: Mapping[str, Any], mark: str | None) -> dict[str, Any]:
    status = run.status_document or {}
    scored = run.metrics.get(value["metric"])
    return {
        "study": run.asked.study,
        **run.asked.key,
        **run.asked.parts,
        "status": run.status,
        "diverged_step": status.get("step") if run.status == "diverged" else None,
        "verdict": (run.collapse or {}).get("verdict"),
        "metric": value["metric"],
        "value": (scored or {}).get("value"),
        "direction": value["direction"],
        **{name: (scored or {}).get(name) for name in PROTOCOL},
        "note": "; ".join(filter(None, (note_of(run, scored), mark))) or None,
        **{name: status.get(name) for name in ("g_steps", "d_steps", "images")},
    }


def calibration_table(found: list[Found], values: list[dict[str, Any]]) -> pd.DataFrame:
    """Scores of real training images, once for each different one: the runs of a data set share them.

    Columns: study, dataset, variant (always FLOOR), metric, value, direction, n_real, n_fake, extractor, split,
    estimator, note, n_runs (runs that report this number).
    """
    direction = {value["metric"]: value["direction"] for value in values}
    columns = ["study", "dataset", "variant", "metric", "value", "direction", *PROTOCOL, "note"]
    rows = [
        {
            **{name: row.get(name) for name in ("value", *PROTOCOL, "note")},
            "study": run.asked.study,
            "dataset": run.asked.dataset,
            "variant": FLOOR,
            "metric": row["name"],
            "direction": direction[row["name"]],
        }
        for run in found
        for row in run.floor
        if row["name"] in direction
    ]
    table = pd.DataFrame(rows, columns=columns)
    counted = table.groupby(columns, dropna=False, sort=False).size().rename("n_runs").reset_index()
    return whole_numbers(counted)


def curves_table(found: list[Found], values: list[dict[str, Any]]) -> pd.DataFrame:
    """Metric values over training: one row per run, kept generator and value. Empty where no run kept any.

    Columns: study, dataset, cell, variant, seed, step, metric, value, direction, n_real, n_fake, extractor, split,
    estimator, note.
    """
    direction = {value["metric"]: value["direction"] for value in values}
    columns = ["study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction", *PROTOCOL, "note"]
    rows = [
        {
            **{name: row.get(name) for name in ("value", *PROTOCOL, "note")},
            "study": run.asked.study,
            **run.asked.key,
            "step": kept["step"],
            "metric": row["name"],
            "direction": direction[row["name"]],
        }
        for run in found
        for kept in run.checkpoints
        for row in kept["metrics"]
        if row["name"] in direction
    ]
    return whole_numbers(pd.DataFrame(rows, columns=columns))


def _histories(found: list[Found]) -> pd.DataFrame:
    """All histories, one below the other, with dataset, cell, variant and seed in front."""
    parts = []
    for run in found:
        history = run.history()
        if history is not None:
            key = pd.DataFrame([run.asked.key] * len(history), index=history.index, columns=list(run.asked.key))
            parts.append(pd.concat([key, history], axis=1))
    empty = pd.DataFrame(columns=["dataset", "cell", "variant", "seed", "step", "d_loss", "g_loss"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _card(run: Found) -> dict[str, Any]:
    settings = {**run.asked.settings, "seed": run.asked.seed}
    documents = {"settings": settings, "status_document": run.status_document, "collapse": run.collapse}
    return {**run.asked.key, "status": run.status, **documents}


def _check_stored(file: Path, found: list[Found], values: list[dict[str, Any]]) -> None:
    stored = read_csv(file)[["dataset", "cell", "seed", "metric"]]
    have = set(stored.itertuples(index=False, name=None))
    asked = {(run.asked.dataset, run.asked.cell, run.asked.seed, value["metric"]) for run in found for value in values}
    if have != asked:
        raise UserError(f"{file}: is of other runs or metrics than plan.json asks for, and no run has left results.")
