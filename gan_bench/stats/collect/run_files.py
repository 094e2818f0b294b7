"""What a run left: its files, read and checked against what was asked."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.stats.collect.plan import Asked
from gan_bench.stats.write.names import STATUSES


@dataclass(frozen=True)
class Found:
    """An asked run with what is there of it. `status` is one of STATUSES; documents are None where absent."""

    asked: Asked
    status: str
    status_document: Mapping[str, Any] | None
    metrics: Mapping[str, Mapping[str, Any]]
    floor: tuple[Mapping[str, Any], ...]
    checkpoints: tuple[Mapping[str, Any], ...]
    collapse: Mapping[str, Any] | None
    lacking: tuple[str, ...]
    validation: tuple[Mapping[str, Any], ...] = ()


def find(asked: Asked, wanted: Sequence[str]) -> Found:
    """Read a run's status, scores and verdict; `lacking` says what a finished run should have and has not.

    `wanted`: names of the metric values that were asked. UserError for a damaged file, for a status of another name,
    and for settings that are not those of the plan: such a folder holds another run's results.
    """
    if not (asked.folder / paths.STATUS).is_file():
        return Found(asked, "missing", None, {}, (), (), None, (paths.STATUS,))
    _check_settings(asked)
    status = read_json(asked.folder / paths.STATUS)
    if status.get("status") not in STATUSES[:-1]:
        valid = ", ".join(STATUSES[:-1])
        raise UserError(f"{asked.folder / paths.STATUS}: status {status.get('status')!r} is not one of {valid}.")
    scored = _optional(asked.folder / paths.METRICS)
    metrics = {row["name"]: row for row in (scored or {}).get("metrics", [])}
    collapse = _optional(asked.folder / paths.COLLAPSE)
    return Found(
        asked=asked,
        status=status["status"],
        status_document=status,
        metrics=metrics,
        floor=tuple((scored or {}).get("floor", ())),
        checkpoints=tuple((scored or {}).get("checkpoints", ())),
        collapse=collapse,
        lacking=_lacking(status["status"], metrics if scored is not None else None, collapse is not None, wanted),
        validation=tuple((scored or {}).get("validation", ())),
    )


def lacks(asked: Asked, status: Mapping[str, Any] | None, wanted: Sequence[str]) -> tuple[str, ...]:
    """`lacking` of a run with this status document (None: it left none), at less cost than `find`."""
    if status is None:
        return (paths.STATUS,)
    if status.get("status") != "ok":
        return ()
    scored = _optional(asked.folder / paths.METRICS)
    names = None if scored is None else {row["name"] for row in scored.get("metrics", [])}
    return _lacking("ok", names, (asked.folder / paths.COLLAPSE).is_file(), wanted)


def _lacking(status: str, scored: Container[str] | None, judged: bool, wanted: Sequence[str]) -> tuple[str, ...]:
    # A run that did not finish need not have been scored; its row says what became of it.
    if status != "ok":
        return ()
    gaps = [] if judged else [paths.COLLAPSE]
    if scored is None:
        return (*gaps, paths.METRICS)
    return (*gaps, *(f"{name} in {paths.METRICS}" for name in wanted if name not in scored))


def _check_settings(asked: Asked) -> None:
    file = asked.folder / paths.SETTINGS
    settings = read_json(file)
    for key, value in {**asked.settings, "seed": asked.seed}.items():
        if settings.get(key) != value:
            raise UserError(f"{file}: {key!r} is {settings.get(key)!r}, the plan asks for {value!r}; run it again.")


def _optional(file: Path) -> Any:
    return read_json(file) if file.is_file() else None


def require_complete(gaps: Sequence[str], asked: int) -> None:
    """UserError that names the runs whose results are not all there: `gaps` of `asked` runs."""
    if gaps:
        shown = "; ".join(gaps[:20]) + (f"; and {len(gaps) - 20} more" if len(gaps) > 20 else "")
        raise UserError(f"{len(gaps)} of {asked} asked runs lack results: {shown}.")


def note_of(run: Found, row: Mapping[str, Any] | None) -> str | None:
    """Why a value is missing, or the note that its metric left."""
    if run.status == "missing":
        return f"run missing: no {paths.STATUS}"
    if row is not None and (row.get("note") or row.get("value") is not None):
        note = row.get("note")
        return None if note is None else str(note)
    if run.status != "ok":
        reason = (run.status_document or {}).get("reason")
        return f"run {run.status}" + (f": {reason}" if reason else "")
    return "not scored" if row is None else "no value"
