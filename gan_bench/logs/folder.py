"""The logs in a folder."""

from pathlib import Path

from gan_bench.errors import UserError
from gan_bench.logs.formats import recognised
from gan_bench.logs.formats.event_files import event_files, is_events
from gan_bench.logs.source import Source

#: Files of these kinds are logs, or mistakes to report. Others count only if a format recognises their content.
CERTAIN = {".csv", ".tsv", ".parquet", ".jsonl", ".npz"}
POSSIBLE = {".txt", ".log", ".json", ".ipynb", ".npy", ".out", ""}
#: Larger files of the second kind are not opened to be recognised.
LARGEST = 2**30
NAMED_BY_TENSORBOARD = "events.out.tfevents"


def logs_below(folder: Path) -> list[Path]:
    """Every log below a folder: files, and folders of several TensorBoard event files. UserError if there is none."""
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
    """Whether a file that may be a log is one, by its first bytes."""
    return path.suffix.lower() in POSSIBLE and path.stat().st_size < LARGEST and recognised(Source(path))


def _run_of(path: Path, folder: Path) -> Path:
    """The event file itself, or the folder of a run that was resumed and has several files as TensorBoard names them.

    SummaryWriter.add_scalars writes each curve to a folder of its own below that of the run; the run is then the
    folder above.
    """
    here = path.parent
    above = here.parent
    if here != folder and any(is_events(other) for other in above.iterdir() if other.is_file()):
        return above
    resumed = all(other.name.startswith(NAMED_BY_TENSORBOARD) for other in event_files(here))
    return here if len(event_files(here)) > 1 and resumed else path
