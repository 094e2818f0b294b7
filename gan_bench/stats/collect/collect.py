"""Collect what the runs of a study left into tables: one row per asked run and metric value, whatever became of it.

Runs are read one after the other and written while they are read, so that memory does not grow with their number but
by what tells them apart.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.stats.collect import media
from gan_bench.stats.collect.histories import Histories, columns_of, empty, together
from gan_bench.stats.collect.plan import Asked, asked_values, each_asked, read_plan
from gan_bench.stats.collect.run_cards import card_of, card_stream
from gan_bench.stats.collect.run_files import Found, find, lacks, note_of, require_complete
from gan_bench.stats.collect.software_differences import Made, code_marks, made_with
from gan_bench.stats.tables.validation import COLUMNS as VALIDATION_COLUMNS
from gan_bench.stats.tables.validation import validation_rows
from gan_bench.stats.write.names import (
    CALIBRATION_TABLE,
    CURVES_TABLE,
    FLOOR,
    METRICS_TABLE,
    RUN_CARDS,
    RUN_COLUMNS,
    TABLES,
    VALIDATION_TABLE,
)
from gan_bench.stats.write.streams import csv_rows, parquet_groups, parquet_rows
from gan_bench.stats.write.table_files import read_csv, whole_numbers, write_csv, write_parquet

PROTOCOL = ("n_real", "n_fake", "extractor", "split", "estimator")
CALIBRATION_COLUMNS = ("study", "dataset", "variant", "metric", "value", "direction", *PROTOCOL, "note")
CURVES_COLUMNS = (
    *("study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction"),
    *(*PROTOCOL, "note"),
)
#: A number of a run is a float, whatever stands around it in a table.
FLOAT = {"value": "float64"}

Row = dict[str, Any]


@dataclass
class Survey:
    """What must be known of all runs before one is written: what they were made with, what they lack, and the columns
    of their histories. `left`: how many left a status."""

    made: list[Made] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    histories: dict[pa.Schema, None] = field(default_factory=dict)
    left: int = 0


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
    names, tables = [value["metric"] for value in values], study_folder / TABLES
    survey = _survey(each_asked(plan, study_folder), names)
    if complete:
        require_complete(survey.gaps, len(survey.made))
    elif not survey.left and (tables / paths.RUNS_TABLE).is_file():
        _check_stored(tables / paths.RUNS_TABLE, each_asked(plan, study_folder), values)
        return
    floor: dict[tuple[Any, ...], int] = {}
    with ExitStack() as stack:
        writers = _writers(stack, study_folder, plan, survey)
        for asked in each_asked(plan, study_folder):
            run = find(asked, names)
            for write in writers:
                write(run)
            for row in floor_rows(run, values):
                floor[row] = floor.get(row, 0) + 1
        write_csv(tables / METRICS_TABLE, pd.DataFrame(values))
        write_csv(tables / CALIBRATION_TABLE, calibration_table(floor))
        if plan["evaluation"].get("validation") is None:
            (tables / VALIDATION_TABLE).unlink(missing_ok=True)
        if not survey.histories:
            write_parquet(tables / paths.HISTORIES_TABLE, empty())


def _survey(asked: Iterable[Asked], names: list[str]) -> Survey:
    found = Survey()
    for run in asked:
        file = run.folder / paths.STATUS
        status = read_json(file) if file.is_file() else None
        lacking = lacks(run, status, names)
        found.gaps += [f"{run.name} ({', '.join(lacking)})"] if lacking else []
        found.made.append(made_with({**run.key, "status_document": status}))
        found.left += status is not None
        if status is not None and run.history_file.is_file():
            found.histories.setdefault(columns_of(run.history_file))
    return found


def _writers(
    stack: ExitStack, study_folder: Path, plan: Mapping[str, Any], survey: Survey
) -> list[Callable[[Found], None]]:
    """What writes a run to each of the files that have rows of it; they are put into place when `stack` ends well."""
    values, tables = asked_values(plan), study_folder / TABLES
    direction = {value["metric"]: value["direction"] for value in values}
    marks = code_marks(survey.made)
    enter = stack.enter_context
    # What is entered first is put into place last: where there is a table of runs, there are all others.
    runs = enter(csv_rows(tables / paths.RUNS_TABLE, RUN_COLUMNS, FLOAT))
    cards = enter(card_stream(study_folder / RUN_CARDS))
    pictures = enter(parquet_rows(tables / paths.MEDIA_TABLE, media.SCHEMA))
    stored = media.Stored(tables / paths.MEDIA_TABLE)
    histories = _histories(stack, tables / paths.HISTORIES_TABLE, survey)
    curves = enter(csv_rows(tables / CURVES_TABLE, CURVES_COLUMNS, FLOAT))

    def left(run: Found) -> None:
        if run.status != "missing":
            pictures([media.media_row(run.asked, stored)])
            histories(run.asked)

    found: list[Callable[[Found], None]] = [
        lambda run: runs(run_rows(run, values, marks.get((run.asked.dataset, run.asked.cell, run.asked.seed)))),
        lambda run: cards(card_of(run)),
        left,
        lambda run: curves(curve_rows(run, direction)),
    ]
    if plan["evaluation"].get("validation") is not None:
        aside = enter(csv_rows(tables / VALIDATION_TABLE, VALIDATION_COLUMNS, {**FLOAT, "step": "Int64"}))
        found.append(lambda run: aside(validation_rows(run, direction)))
    return found


def _histories(stack: ExitStack, file: Path, survey: Survey) -> Callable[[Asked], None]:
    if not survey.histories:
        return lambda _run: None
    schema = together(survey.histories)
    histories = Histories(schema, stack.enter_context(parquet_groups(file, schema)))
    # Done before the file is closed.
    stack.push(lambda kind, _error, _trace: histories.finish() if kind is None else None)
    return histories.add


def run_rows(run: Found, values: Iterable[Mapping[str, Any]], mark: str | None) -> Iterator[Row]:
    """One row per metric value that was asked for, columns RUN_COLUMNS; `mark`: what `code_marks` says of the run.

    `value` is empty where there is none, and `note` says why; numbers of a run that did not end "ok" are as reported.
    """
    status = run.status_document or {}
    shared = {
        "study": run.asked.study,
        **run.asked.key,
        **run.asked.parts,
        "status": run.status,
        "diverged_step": status.get("step") if run.status == "diverged" else None,
        "verdict": (run.collapse or {}).get("verdict"),
        **{name: status.get(name) for name in ("g_steps", "d_steps", "images")},
    }
    for value in values:
        scored = run.metrics.get(value["metric"])
        yield {
            **shared,
            "metric": value["metric"],
            "value": (scored or {}).get("value"),
            "direction": value["direction"],
            **{name: (scored or {}).get(name) for name in PROTOCOL},
            "note": "; ".join(filter(None, (note_of(run, scored), mark))) or None,
        }


def floor_rows(run: Found, values: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """What a run reports of real training images, as rows of CALIBRATION_COLUMNS."""
    direction = {value["metric"]: value["direction"] for value in values}
    for row in run.floor:
        if row["name"] in direction:
            named = {
                **{name: row.get(name) for name in ("value", *PROTOCOL, "note")},
                "study": run.asked.study,
                "dataset": run.asked.dataset,
                "variant": FLOOR,
                "metric": row["name"],
                "direction": direction[row["name"]],
            }
            yield tuple(named[name] for name in CALIBRATION_COLUMNS)


def calibration_table(found: Mapping[tuple[Any, ...], int]) -> pd.DataFrame:
    """Scores of real training images, once for each different one: the runs of a data set share them.

    `found`: rows of CALIBRATION_COLUMNS -> how many runs report them, the column n_runs.
    """
    rows = [(*row, count) for row, count in found.items()]
    return whole_numbers(pd.DataFrame(rows, columns=[*CALIBRATION_COLUMNS, "n_runs"]))


def curve_rows(run: Found, direction: Mapping[str, str]) -> Iterator[Row]:
    """Metric values over training: one row per kept generator and value, columns CURVES_COLUMNS; none without any."""
    for kept in run.checkpoints:
        for row in kept["metrics"]:
            if row["name"] in direction:
                yield {
                    **{name: row.get(name) for name in ("value", *PROTOCOL, "note")},
                    "study": run.asked.study,
                    **run.asked.key,
                    "step": kept["step"],
                    "metric": row["name"],
                    "direction": direction[row["name"]],
                }


def _check_stored(file: Path, asked: Iterable[Asked], values: list[dict[str, Any]]) -> None:
    stored = read_csv(file)[["dataset", "cell", "seed", "metric"]]
    have = set(stored.itertuples(index=False, name=None))
    wanted = {(run.dataset, run.cell, run.seed, value["metric"]) for run in asked for value in values}
    if have != wanted:
        raise UserError(f"{file}: is of other runs or metrics than plan.json asks for, and no run has left results.")
