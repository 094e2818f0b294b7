"""What the workflow wrote down when a file of a run was made, and whether the file still is that."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.errors import UserError
from gan_bench.files import digest_file, read_json
from gan_bench.paths import COLLAPSE, HISTORY, METRICS, PROGRESS, REPEATABLE_FILES, SAMPLES, SETTINGS, STATUS
from gan_bench.paths import seed_folder as folder_of
from gan_bench.store import receipt

#: The files of a run that must repeat bit for bit, whichever stage makes them.
RUN_FILES = (*REPEATABLE_FILES, METRICS, COLLAPSE)
#: What each stage reads of a run.
READ = {
    "evaluate": (*REPEATABLE_FILES, STATUS),
    "collapse": (SETTINGS, HISTORY, STATUS, METRICS),
    "collect": (SETTINGS, HISTORY, SAMPLES, PROGRESS, STATUS, METRICS, COLLAPSE),
}
#: The stage whose record a file stands in; all others are of training.
STAGE = {METRICS: "evaluate", COLLAPSE: "collapse"}
#: Files that may be gone: figures are redrawn without them.
SPARED = (SAMPLES, PROGRESS)


class Damage(NamedTuple):
    """A file of a run that is not what was written down, and the records that must go for it to be made again."""

    file: Path
    missing: bool
    records: tuple[Path, ...]


def damages(cell_folder: Path, seeds: Sequence[int], names: Iterable[str]) -> list[Damage]:
    """Files called `names` of these seeds that are gone or have another SHA-256 than any record of the cell.

    Files that no record tells of are not judged. Records of an earlier division into chunks count too: they are of an
    earlier content, which is no damage.
    """
    names, found = list(names), []
    for seed in seeds:
        written = _written(cell_folder, seed)
        for name in names:
            records = written.get(name, [])
            file = folder_of(cell_folder, seed) / name
            missing = not file.is_file()
            if records and (missing or digest_file(file) not in {sha for sha, _ in records}):
                found.append(Damage(file, missing, tuple(record for _, record in records)))
    return found


def require_intact(cell_folder: Path, seeds: Sequence[int], stage: str) -> None:
    """UserError naming every damaged file that `stage` would read, before a number is made of it.

    The records of these files are removed, so that the same command of the workflow makes the files again.
    """
    found = damages(cell_folder, seeds, READ[stage])
    found = [damage for damage in found if not (damage.missing and damage.file.name in SPARED)]
    for damage in found:
        for record in damage.records:
            record.unlink(missing_ok=True)
    if found:
        raise UserError(*(_sentence(damage) for damage in found))


def _sentence(damage: Damage) -> str:
    what = "is gone" if damage.missing else "damaged: its SHA-256 is not what was written down when it was made"
    return f"{damage.file}: {what}; its record was removed, so that the same command again makes it anew."


def _written(cell_folder: Path, seed: int) -> dict[str, list[tuple[str, Path]]]:
    """File name -> (SHA-256, record) of all records that tell of this seed."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for record in sorted(cell_folder.glob("chunk*.train.json")):
        entry: dict[str, Any] = read_json(record)["seeds"].get(str(seed), {})
        shas = dict(entry.get("sha256", {}))
        if entry:
            # A status holds times and stands in no record; the store has its digest: RESULTS/STUDY/runs/DATASET/CELL.
            status = receipt(cell_folder.absolute().parents[3] / "store", entry["key"]).get(STATUS)
            shas |= {STATUS: status} if status else {}
        for name, sha in shas.items():
            found.setdefault(name, []).append((sha, record))
    for name, stage in STAGE.items():
        for record in sorted(cell_folder.glob(f"chunk*.{stage}.json")):
            sha = read_json(record)["sha256"].get(str(seed))
            if sha is not None:
                found.setdefault(name, []).append((sha, record))
    return found
