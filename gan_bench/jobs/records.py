"""Compares the files of runs with the SHA-256 that the workflow recorded when it made them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.errors import UserError
from gan_bench.files import digest_file, digest_of, read_json
from gan_bench.paths import COLLAPSE, HISTORY, METRICS, PLAN, PROGRESS, REPEATABLE_FILES, SAMPLES, SETTINGS, STATUS
from gan_bench.paths import seed_folder as folder_of
from gan_bench.stats.collect.plan import read_plan

#: Files of a run, from all stages, that must be reproducible bit for bit.
RUN_FILES = (*REPEATABLE_FILES, METRICS, COLLAPSE)
#: Stage -> files of a run that the stage reads.
READ = {
    "evaluate": (*REPEATABLE_FILES, STATUS),
    "collapse": (SETTINGS, HISTORY, STATUS, METRICS),
    "search": (STATUS, METRICS),
    "collect": (SETTINGS, HISTORY, SAMPLES, PROGRESS, STATUS, METRICS, COLLAPSE),
}
#: File -> the stage whose record lists it; all other files are in the record of training.
STAGE = {METRICS: "evaluate", COLLAPSE: "collapse"}
#: Pictures of a run. `require_intact` does not report a missing picture: scoring does not read it, and `collect` leaves
#: it out.
SPARED = (SAMPLES, PROGRESS)


class Damage(NamedTuple):
    """A file that is missing or differs from its record, and the records to remove so that the file is made again."""

    file: Path
    missing: bool
    records: tuple[Path, ...]


def damages(cell_folder: Path, seeds: Sequence[int], names: Iterable[str]) -> list[Damage]:
    """Files of these names and seeds that are in a record of the cell, but are missing or match no such record.

    A cell may also have records of an earlier division into chunks. A file that matches any record is not damaged.
    """
    names, damaged = list(names), []
    for seed in seeds:
        written = _written(cell_folder, seed)
        for name in names:
            records = written.get(name, [])
            file = folder_of(cell_folder, seed) / name
            missing = not file.is_file()
            if records and (missing or not _as_written(file, {sha for sha, _ in records})):
                damaged.append(Damage(file, missing, tuple(record for _, record in records)))
    return damaged


def _as_written(file: Path, known: set[str]) -> bool:
    """Whether a file has one of the SHA-256 in `known`.

    No SHA-256 of status.json is recorded, because the file contains times. Its content is compared with the checksum
    that it contains.
    """
    if file.name != STATUS:
        return digest_file(file) in known
    try:
        status = read_json(file)
        return bool(digest_of({k: v for k, v in status.items() if k != "checksum"}) == status["checksum"])
    except (UserError, AttributeError, KeyError):
        return False


def require_intact(cell_folder: Path, seeds: Sequence[int], stage: str) -> None:
    """Check the files that `stage` will read. UserError names all missing and damaged files.

    Damaged files are removed, so that they are not read. The records of missing and damaged files are removed, so that
    the workflow makes the files again.
    """
    damaged = damages(cell_folder, seeds, READ[stage])
    damaged = [damage for damage in damaged if not (damage.missing and damage.file.name in SPARED)]
    for damage in damaged:
        for file in (damage.file, *damage.records):
            file.unlink(missing_ok=True)
    if damaged:
        raise UserError(*(_sentence(damage) for damage in damaged))


def require_cells(study_folder: Path) -> None:
    """Check the plan, and the files of runs that `collect` reads. UserError names all damaged files of runs.

    Only runs with a status.json are checked. Damaged files are removed, as in `require_intact`.
    """
    plan = _intact_plan(study_folder)
    sentences: list[str] = []
    for cell in plan["cells"]:
        folder = study_folder / "runs" / cell["dataset"] / cell["id"]
        there = [seed for seed in cell["seeds"] if (folder_of(folder, seed) / STATUS).is_file()]
        try:
            require_intact(folder, there, "collect")
        except UserError as error:
            sentences += error.sentences
    if sentences:
        raise UserError(*sentences)


def _intact_plan(study_folder: Path) -> dict[str, Any]:
    """The plan. UserError if it is missing, or if it is damaged: its content does not match its "config_digest".

    A damaged plan is removed.
    """
    file = study_folder / PLAN
    try:
        plan = read_plan(study_folder)
        rest = {key: value for key, value in plan.items() if key != "config_digest"}
        if digest_of(rest) == plan.get("config_digest"):
            return plan
        reason = "its content does not match its config_digest"
    except UserError:
        if not file.is_file():
            raise
        reason = "it is not valid JSON"
    file.unlink()
    raise UserError(f"{file}: damaged: {reason}; it was removed, and the workflow will make it again.")


def _sentence(damage: Damage) -> str:
    if damage.missing:
        return f"{damage.file}: missing; the workflow will make it again."
    why = "its SHA-256 differs from the recorded one"
    return f"{damage.file}: damaged: {why}; it was removed, and the workflow will make it again."


def _written(cell_folder: Path, seed: int) -> dict[str, list[tuple[str, Path]]]:
    """File name -> [(SHA-256, record)] from all records of this seed. For status.json, "" replaces the SHA-256."""
    known: dict[str, list[tuple[str, Path]]] = {}
    for record in sorted(cell_folder.glob("chunk*.train.json")):
        entry: dict[str, Any] = read_json(record)["seeds"].get(str(seed), {})
        shas = dict(entry.get("sha256", {}))
        if entry:
            shas[STATUS] = ""
        for name, sha in shas.items():
            known.setdefault(name, []).append((sha, record))
    for name, stage in STAGE.items():
        for record in sorted(cell_folder.glob(f"chunk*.{stage}.json")):
            sha = read_json(record)["sha256"].get(str(seed))
            if sha is not None:
                known.setdefault(name, []).append((sha, record))
    return known
