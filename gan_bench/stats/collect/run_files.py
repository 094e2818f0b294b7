"""Read the files of a run, and check them against the plan."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.former_names import current
from gan_bench.stats.collect.plan import PlannedRun
from gan_bench.stats.write.names import STATUSES


@dataclass(frozen=True)
class RunRecord:
    """Content of the files of a planned run.

    Attributes:
        run: the run as the plan describes it.
        status: one of STATUSES.
        status_document: content of status.json; None if absent.
        metrics: rows of metrics.json with scores of the final generator, by name of the metric value.
        floor: rows of metrics.json with scores of real images.
        checkpoints: entries {"step", "metrics": rows, ...} of metrics.json, one for each generator kept during
            training.
        collapse: content of collapse.json; None if absent.
        validation: rows of metrics.json with scores of the final generator against the validation images.
        spaces: entries {"extractor", "metrics": rows} of metrics.json, one for each additional feature space.
    """

    run: PlannedRun
    status: str
    status_document: Mapping[str, Any] | None = None
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    floor: Sequence[Mapping[str, Any]] = ()
    checkpoints: Sequence[Mapping[str, Any]] = ()
    collapse: Mapping[str, Any] | None = None
    validation: Sequence[Mapping[str, Any]] = ()
    spaces: Sequence[Mapping[str, Any]] = ()


def read_run(run: PlannedRun) -> RunRecord:
    """Read the status, scores and verdict of a run.

    Raises:
        UserError: if settings.json is missing, if a file is damaged, if the status is unknown, or if the settings
            differ from the plan. In the last case, the folder contains the results of another run.
    """
    file = run.folder / paths.STATUS
    if not file.is_file():
        return RunRecord(run, "missing")
    _check_settings(run)
    status = read_json(file)
    if status.get("status") not in STATUSES[:-1]:
        raise UserError(f"{file}: status {status.get('status')!r} is not one of {', '.join(STATUSES[:-1])}.")
    scores = _scores(run) or {}
    return RunRecord(
        run=run,
        status=status["status"],
        status_document=status,
        metrics={row["name"]: row for row in scores.get("metrics", [])},
        floor=scores.get("floor", ()),
        checkpoints=scores.get("checkpoints", ()),
        collapse=_read_optional(run.folder / paths.COLLAPSE),
        validation=scores.get("validation", ()),
        spaces=scores.get("spaces", ()),
    )


def missing_results(run: PlannedRun, status: Mapping[str, Any] | None, metrics: Sequence[str]) -> list[str]:
    """The missing results of a run, for example "collapse.json" or "frechet in metrics.json".

    Scores and a verdict are required only of a run with status "ok".

    Args:
        run: the run as the plan describes it.
        status: content of its status.json; None if absent.
        metrics: names of the metric values of the plan.
    """
    if status is None:
        return [paths.STATUS]
    if status.get("status") != "ok":
        return []
    missing = [] if (run.folder / paths.COLLAPSE).is_file() else [paths.COLLAPSE]
    scores = _scores(run)
    if scores is None:
        return [*missing, paths.METRICS]
    scored = {row["name"] for row in scores.get("metrics", [])}
    return missing + [f"{name} in {paths.METRICS}" for name in metrics if name not in scored]


def _check_settings(run: PlannedRun) -> None:
    file = run.folder / paths.SETTINGS
    settings = read_json(file)
    for key, value in {**run.settings, "seed": run.seed}.items():
        if settings.get(key) != value:
            raise UserError(
                f"{file}: {key!r} is {settings.get(key)!r}, but {value!r} in the plan; train this run again."
            )


def _scores(run: PlannedRun) -> Any:
    """Content of metrics.json, with former names of metric values replaced by the current ones; None if absent."""
    scores = _read_optional(run.folder / paths.METRICS)
    if scores is not None:
        lists = [scores.get(key, []) for key in ("metrics", "floor", "validation")]
        for kept in scores.get("checkpoints", ()):
            lists += [kept["metrics"], kept.get("validation", [])]
        for row in itertools.chain(*lists):
            row["name"] = current(row["name"])
    return scores


def _read_optional(file: Path) -> Any:
    return read_json(file) if file.is_file() else None


def note_of(record: RunRecord, row: Mapping[str, Any] | None) -> str | None:
    """The note on a metric value, or the reason why the value is missing; None if there is neither.

    `row`: the row of the metric value in metrics.json; None if absent.
    """
    if record.status == "missing":
        return f"run missing: no {paths.STATUS}"
    if row is not None and (row.get("note") or row.get("value") is not None):
        note = row.get("note")
        return None if note is None else str(note)
    if record.status != "ok":
        reason = (record.status_document or {}).get("reason")
        return f"run {record.status}" + (f": {reason}" if reason else "")
    return "not scored" if row is None else "no value"
