"""Join the raw tables of the parts of a study into the raw tables of the whole study.

A part is a study that was collected on its own and contains some of the runs of the whole study.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench import paths
from gan_bench.errors import UserError, first_of
from gan_bench.stats.collect.histories import KEY as HISTORY_KEY
from gan_bench.stats.collect.histories import common_schema
from gan_bench.stats.collect.media import KEY, SCHEMA
from gan_bench.stats.collect.plan import planned_runs, read_plan
from gan_bench.stats.collect.run_cards import Cards, Key, card_stream
from gan_bench.stats.write import names
from gan_bench.stats.write.streams import parquet_groups, parquet_rows
from gan_bench.stats.write.table_files import read_csv, write_csv, write_parquet
from gan_bench.words import plural

#: Tables in which each row belongs to one run. validation.csv exists only if the study sets validation images aside,
#: and spaces.csv only if the study has several feature extractors.
CSV = (paths.RUNS_TABLE, names.CURVES_TABLE, names.VALIDATION_TABLE, names.SPACES_TABLE)
PARQUET = (paths.HISTORIES_TABLE, paths.MEDIA_TABLE)
#: Largest number of runs that a message names.
NAMED = 5


def join_tables(study_folder: Path, parts: Sequence[Path]) -> dict[Key, int]:
    """Write run_cards.json and the raw tables of a study from the files of its parts.

    The runs are in the order of the plan.

    Args:
        study_folder: folder with the plan.json of the whole study; the tables are written here.
        parts: folders with the plan.json, run_cards.json and tables of the parts.

    Returns:
        (data set, cell, seed) of each run -> index of the part from which its results come.

    Raises:
        UserError: if a document is missing or damaged, if a run of the plan is in no part, if two parts have different
            results of a run, or if a data set or the scoring protocol of a part differs from the plan. In these cases
            nothing is written. The error is also raised if the metrics.csv files of two parts differ; some tables are
            then already written.
    """
    plan = read_plan(study_folder)
    _same_protocol(plan, parts)
    runs = list(planned_runs(plan, study_folder))
    variants: dict[Key, str] = {(run.dataset, run.cell, run.seed): run.variant for run in runs}
    cards = [Cards(part / names.RUN_CARDS) for part in parts]
    sources = _sources(variants, cards, parts)
    frames = {name: _joined(parts, name, sources, variants, plan["study"]) for name in (*CSV, *PARQUET)}
    tables = study_folder / names.TABLES
    for name, frame in frames.items():
        if frame is not None and name in CSV:
            write_csv(tables / name, frame)
        elif frame is not None:
            _write_parquet(tables / name, frame, [file for part in parts if (file := _table(part, name)).is_file()])
    write_csv(tables / names.METRICS_TABLE, _equal_in_all(parts))
    write_csv(tables / names.CALIBRATION_TABLE, _calibration(parts, plan["study"]))
    pictures = [pd.read_parquet(file) for part in parts if (file := _table(part, names.REAL_IMAGES_TABLE)).is_file()]
    if pictures:
        write_parquet(tables / names.REAL_IMAGES_TABLE, pd.concat(pictures).drop_duplicates("dataset"))
    with card_stream(study_folder / names.RUN_CARDS) as put:
        for key, part in sources.items():
            put({**cards[part][key], "variant": variants[key]})
    return sources


def _table(part: Path, name: str) -> Path:
    return part / names.TABLES / name


def _same_protocol(plan: Mapping[str, Any], parts: Sequence[Path]) -> None:
    """UserError if a data set, an extractor or the scoring protocol of a part differs from that of the whole study."""
    for part in parts:
        other = read_plan(part)
        wrong = [key for key in ("metrics", "split", "n_samples", "validation") if _differs(plan, other, key)]
        for label, dataset in other["datasets"].items():
            if plan["datasets"].get(label) != dataset:
                wrong.append(f"data set {label}")
            for key in ("extractor", "other_extractors"):
                if plan["evaluation"].get(key, {}).get(label) != other["evaluation"].get(key, {}).get(label):
                    wrong.append(f"{key} of {label}")
        if wrong:
            raise UserError(f"{part}: cannot be joined: {', '.join(wrong)} differs from the study {plan['study']}.")


def _differs(plan: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    return bool(plan["evaluation"].get(key) != other["evaluation"].get(key))


def _sources(wanted: Iterable[Key], cards: Sequence[Cards], parts: Sequence[Path]) -> dict[Key, int]:
    """Run -> index of the part from which its results come, in the order of the plan.

    UserError if a run is in no part, or if it has a different `_result` in several parts.
    """
    sources: dict[Key, int] = {}
    absent = []
    for key in wanted:
        places = [i for i, some in enumerate(cards) if key in some]
        if not places:
            absent.append("/".join(map(str, key[:2])) + f"/seed{key[2]}")
            continue
        first, *others = places
        for other in others:
            if _result(cards[first][key]) != _result(cards[other][key]):
                run = f"{'/'.join(key[:2])}/seed{key[2]}"
                raise UserError(f"{parts[first]} and {parts[other]} have different results of the run {run}.")
        sources[key] = first
    if absent:
        shown = first_of(absent, NAMED, ", ")
        raise UserError(f"No part has {plural(len(absent), 'run')} of the study: {shown}.")
    return sources


def _result(card: Mapping[str, Any]) -> Any:
    """The entries of a run's card that must be equal if several parts contain the run: settings, status and verdict."""
    return card["settings"], card["status"], card["collapse"]


def _joined(
    parts: Sequence[Path], name: str, sources: Mapping[Key, int], variants: Mapping[Key, str], study: str
) -> pd.DataFrame | None:
    """The table `name` of the whole study, with the runs in the order of the plan; None if no part has this table.

    The rows of a run are taken from the part whose index `sources` gives.
    """
    order = {key: i for i, key in enumerate(sources)}
    frames = []
    for i, part in enumerate(parts):
        file = _table(part, name)
        if not file.is_file():
            continue
        frame = read_csv(file) if name in CSV else pd.read_parquet(file)
        keys = list(zip(*(frame[column] for column in KEY), strict=True))
        mine = pd.Series([sources.get(key) == i for key in keys], dtype=bool)
        keys = [key for key, wanted in zip(keys, mine, strict=True) if wanted]
        labels = pd.Series([variants[key] for key in keys], dtype=object)
        frame = frame[mine].reset_index(drop=True)
        frames.append(frame.assign(variant=labels, _order=[order[key] for key in keys]))
    if not frames:
        return None
    # If a part lacks a column, its rows have missing values there. Tables without rows are left out, because the types
    # of their columns may be unknown.
    joined = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    joined = joined.sort_values("_order", kind="stable").drop(columns="_order").reset_index(drop=True)
    return joined.assign(study=study) if "study" in joined else joined


def _write_parquet(file: Path, frame: pd.DataFrame, parts: Sequence[Path]) -> None:
    """Write the joined media or histories to a parquet file. `parts`: the files of the parts.

    The media table gets the same schema and row groups as in `collect`. The schema of the histories is the common one
    of the parts.
    """
    if file.name == paths.MEDIA_TABLE:
        rows = pa.Table.from_pandas(frame, SCHEMA, preserve_index=False)
        with parquet_rows(file, SCHEMA) as put_rows:
            for row in range(len(rows)):
                put_rows(rows.slice(row, 1).to_pylist())
        return
    histories = dict.fromkeys(
        pa.schema([field for field in pq.read_schema(part) if field.name not in HISTORY_KEY]) for part in parts
    )
    schema = common_schema(histories)
    with parquet_groups(file, schema) as put_table:
        put_table(pa.Table.from_pandas(frame, schema, preserve_index=False))


def _equal_in_all(parts: Sequence[Path]) -> pd.DataFrame:
    first, *others = [read_csv(_table(part, names.METRICS_TABLE)) for part in parts]
    for part, other in zip(parts[1:], others, strict=True):
        if not first.equals(other):
            raise UserError(f"{_table(part, names.METRICS_TABLE)}: the metrics differ from those of {parts[0]}.")
    return first


def _calibration(parts: Sequence[Path], study: str) -> pd.DataFrame:
    """The rows of calibration.csv from all parts. If several parts have the same row, its numbers of runs are added."""
    rows = pd.concat([read_csv(_table(part, names.CALIBRATION_TABLE)) for part in parts]).assign(study=study)
    keys = [name for name in rows.columns if name != "n_runs"]
    return rows.groupby(keys, dropna=False, sort=False)[["n_runs"]].sum().reset_index()
