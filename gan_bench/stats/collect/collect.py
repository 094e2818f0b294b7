"""Collect the results of a study's runs into raw tables: scores, histories and pictures of single runs.

Runs are read and written one at a time. Only a few facts about each run stay in memory (`Survey`).
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from gan_bench import paths
from gan_bench.errors import UserError, first_of
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect import media
from gan_bench.stats.collect.histories import EMPTY_COLUMNS, HistoryConcatenation, common_schema, history_schema
from gan_bench.stats.collect.plan import PlannedRun, planned_runs, planned_values, read_plan
from gan_bench.stats.collect.raw_tables import (
    CURVES_COLUMNS,
    SPACES_COLUMNS,
    VALIDATION_COLUMNS,
    calibration_table,
    curve_rows,
    floor_rows,
    run_rows,
    space_rows,
    validation_rows,
)
from gan_bench.stats.collect.real_images import data_remarks, real_images
from gan_bench.stats.collect.run_cards import card_of, card_stream
from gan_bench.stats.collect.run_files import RunRecord, missing_results, read_run
from gan_bench.stats.collect.software_differences import RunSoftware, code_marks, run_software
from gan_bench.stats.write import names
from gan_bench.stats.write.streams import csv_rows, parquet_groups, parquet_rows
from gan_bench.stats.write.table_files import read_csv, write_csv, write_parquet

#: The column `value` is always written as floats, even if a block of rows has only whole numbers or missing values.
FLOAT = {"value": "float64"}
#: Largest number of incomplete runs that a message names.
NAMED = 20


@dataclass
class Survey:
    """Facts about all runs that are needed before the rows of the first run are written.

    Attributes:
        software: the training code and library versions of each planned run.
        incomplete: name and missing results of each incomplete run.
        schemas: the distinct schemas of the histories, in the order of first appearance.
        n_status: number of runs with a status file.
    """

    software: list[RunSoftware] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    schemas: dict[pa.Schema, None] = field(default_factory=dict)
    n_status: int = 0


def collect(study_folder: Path, *, complete: bool) -> None:
    """Write run_cards.json and the raw tables of a study.

    Every study has the raw tables runs.csv, metrics.csv, calibration.csv, curves.csv, histories.parquet and
    media.parquet. A study that sets validation images aside also has validation.csv. A study with several feature
    extractors also has spaces.csv.

    The files real_images.parquet and data_remarks.json are made from the prepared data sets. They are written only if
    data sets are in the folder `data` next to the study's folder.

    Args:
        study_folder: the folder with plan.json and runs/.
        complete: if True, an incomplete run is an error. If False, a run without a status file gets rows with status
            "missing". But if no run at all has a status file, the tables of an earlier collection are kept, because
            nothing else contains the results.

    Raises:
        UserError: if plan.json is missing, if a file of a run is damaged or differs from the plan, if `complete` is
            True and a run lacks results, or if earlier tables are to be kept but have other runs or metrics than the
            plan. In all these cases nothing is written.
    """
    study_folder = Path(study_folder)
    plan = read_plan(study_folder)
    values = planned_values(plan)
    direction = {value["metric"]: value["direction"] for value in values}
    tables = study_folder / names.TABLES
    survey = _survey(planned_runs(plan, study_folder), list(direction))
    if complete:
        _require_complete(survey)
    elif not survey.n_status and (tables / paths.RUNS_TABLE).is_file():
        _check_stored(tables / paths.RUNS_TABLE, planned_runs(plan, study_folder), values)
        return
    floor: dict[tuple[Any, ...], int] = {}
    with ExitStack() as stack:
        writers = _writers(stack, study_folder, plan, survey)
        for run in planned_runs(plan, study_folder):
            record = read_run(run)
            for write in writers:
                write(record)
            for row in floor_rows(record, direction):
                floor[row] = floor.get(row, 0) + 1
        write_csv(tables / names.METRICS_TABLE, pd.DataFrame(values))
        write_csv(tables / names.CALIBRATION_TABLE, calibration_table(floor))
        pictures = real_images(plan, study_folder.parent / "data")
        # The data may have been deleted since an earlier collection. Then the pictures of that collection are kept.
        if len(pictures):
            write_parquet(tables / names.REAL_IMAGES_TABLE, pictures)
        if prepared := data_remarks(plan, study_folder.parent / "data"):
            write_json(study_folder / names.DATA_REMARKS, prepared)
        if not survey.schemas:
            write_parquet(tables / paths.HISTORIES_TABLE, pd.DataFrame(columns=list(EMPTY_COLUMNS)))


def _survey(runs: Iterable[PlannedRun], metrics: list[str]) -> Survey:
    survey = Survey()
    for run in runs:
        file = run.folder / paths.STATUS
        status = read_json(file) if file.is_file() else None
        missing = missing_results(run, status, metrics)
        survey.incomplete += [f"{run.name} ({', '.join(missing)})"] if missing else []
        survey.software.append(run_software({**run.key, "status_document": status}))
        survey.n_status += status is not None
        if status is not None and run.history_file.is_file():
            survey.schemas.setdefault(history_schema(run.history_file))
    return survey


def _require_complete(survey: Survey) -> None:
    n = len(survey.incomplete)
    if n:
        shown = first_of(survey.incomplete, NAMED)
        raise UserError(f"{n} of {len(survey.software)} planned runs lack results: {shown}.")


def _writers(
    stack: ExitStack, study_folder: Path, plan: Mapping[str, Any], survey: Survey
) -> list[Callable[[RunRecord], None]]:
    """Functions that write. Each of them adds a run to one or two files.

    The files appear when `stack` closes without an error.
    """
    values, tables = planned_values(plan), study_folder / names.TABLES
    direction = {value["metric"]: value["direction"] for value in values}
    marks = code_marks(survey.software)
    enter = stack.enter_context
    # The file runs.csv is opened first and therefore closed last. Once it exists, all files that are opened below exist
    # too.
    runs = enter(csv_rows(tables / paths.RUNS_TABLE, names.RUN_COLUMNS, FLOAT))
    cards = enter(card_stream(study_folder / names.RUN_CARDS))
    pictures = enter(parquet_rows(tables / paths.MEDIA_TABLE, media.SCHEMA))
    stored = media.StoredMedia(tables / paths.MEDIA_TABLE)
    histories = _history_writer(stack, tables / paths.HISTORIES_TABLE, survey)
    curves = enter(csv_rows(tables / names.CURVES_TABLE, CURVES_COLUMNS, FLOAT))

    def media_and_history(record: RunRecord) -> None:
        if record.status != "missing":
            pictures([media.media_row(record.run, stored)])
            histories(record.run)

    def mark(run: PlannedRun) -> str | None:
        return marks.get((run.dataset, run.cell, run.seed))

    writers: list[Callable[[RunRecord], None]] = [
        lambda record: runs(run_rows(record, values, mark(record.run))),
        lambda record: cards(card_of(record)),
        media_and_history,
        lambda record: curves(curve_rows(record, direction)),
    ]
    if plan["evaluation"].get("validation") is not None:
        types = {**FLOAT, "step": "Int64"}
        validation = enter(csv_rows(tables / names.VALIDATION_TABLE, VALIDATION_COLUMNS, types))
        writers.append(lambda record: validation(validation_rows(record, direction)))
    if "other_extractors" in plan["evaluation"]:
        spaces = enter(csv_rows(tables / names.SPACES_TABLE, SPACES_COLUMNS, FLOAT))
        writers.append(lambda record: spaces(space_rows(record, direction)))
    return writers


def _history_writer(stack: ExitStack, file: Path, survey: Survey) -> Callable[[PlannedRun], None]:
    if not survey.schemas:
        return lambda _run: None
    schema = common_schema(survey.schemas)
    histories = HistoryConcatenation(schema, stack.enter_context(parquet_groups(file, schema)))
    # The callback is added to `stack` after the file was opened, so it runs before the file is closed.
    stack.push(lambda kind, _error, _trace: histories.flush() if kind is None else None)
    return histories.add


def _check_stored(file: Path, runs: Iterable[PlannedRun], values: list[dict[str, Any]]) -> None:
    stored = read_csv(file)[["dataset", "cell", "seed", "metric"]]
    stored_keys = set(stored.itertuples(index=False, name=None))
    planned = {(run.dataset, run.cell, run.seed, value["metric"]) for run in runs for value in values}
    if stored_keys != planned:
        raise UserError(f"{file}: the runs or metrics differ from plan.json, and no run of the plan has results.")
