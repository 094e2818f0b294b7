"""Finds the logs in a folder."""

from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.logs.formats import recognised
from gan_bench.logs.formats.event_files import event_files, is_events
from gan_bench.logs.source import Source

#: Every file with a suffix in CERTAIN counts as a log, even if it cannot be read. A file with a suffix in POSSIBLE
#: counts only if a format recognises it.
CERTAIN = {".csv", ".tsv", ".parquet", ".jsonl", ".npz"}
POSSIBLE = {".txt", ".log", ".json", ".ipynb", ".npy", ".out", ""}
#: Files with a suffix in POSSIBLE are not opened if they have this many bytes or more.
LARGEST = 2**30
NAMED_BY_TENSORBOARD = "events.out.tfevents"


def logs_below(folder: Path) -> list[Path]:
    """Every log below a folder. A log is a file, or a folder with the TensorBoard event files of one run.

    Hidden files and files in hidden folders are left out. UserError if there is no log.
    """
    logs = set[Path]()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if is_events(path):
            logs.add(_run_of(path, folder))
        elif path.suffix.lower() in CERTAIN or _is_log(path):
            logs.add(path)
    if not logs:
        raise UserError(
            f"{folder}: no log below it; valid: .csv, .parquet, JSON, NumPy arrays, notebooks, printed lines and "
            "TensorBoard event files."
        )
    return sorted(logs)


def _is_log(path: Path) -> bool:
    """Whether a file with a suffix in POSSIBLE is a log, judged by its content."""
    return path.suffix.lower() in POSSIBLE and path.stat().st_size < LARGEST and recognised(Source(path))


def _run_of(path: Path, folder: Path) -> Path:
    """The path of the log that the event file `path` belongs to. `folder` is the folder that is searched.

    The first rule that applies decides:

    1. The parent of the file's folder also has event files: the log is the parent. The reason is that
       SummaryWriter.add_scalars writes each curve to a subfolder of the run's folder. This rule is skipped for a file
       directly in `folder`.
    2. There are several event files in and below the file's folder, all with TensorBoard's own names: the log is this
       folder. The files count as one run that was resumed.
    3. Otherwise, the log is the file itself.
    """
    here = path.parent
    above = here.parent
    if here != folder and any(is_events(other) for other in above.iterdir() if other.is_file()):
        return above
    resumed = all(other.name.startswith(NAMED_BY_TENSORBOARD) for other in event_files(here))
    return here if len(event_files(here)) > 1 and resumed else path
