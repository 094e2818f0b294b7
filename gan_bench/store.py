"""The store of finished runs, each in a folder named by a hash of its settings, code and data.

A job trains several seeds, and Snakemake deletes the outputs of a job that fails or is killed. The store is not among
these outputs, so the finished runs of such a job are not lost. They are also used again if a seed is added to the
study. All studies share the runs in the store.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.files import digest_file, digest_of, read_json, write_json
from gan_bench.paths import STATUS, TRAIN_FILES

#: JSON file of a stored run: {"sha256": {file: digest}}. If the run was trained, wholly or partly, together with other
#: runs as one batched computation (a stack), the receipt also has {"stacking": digest of the stacking code}.
RECEIPT = "receipt.json"
#: File that a stack writes beside a run's checkpoint or results; it contains the digest of the stacking code.
STACKED_BY = "stacked_by.txt"


def run_key(settings: Mapping[str, Any], code: str, data_digest: str) -> str:
    """Name of a run in the store: SHA-256 of its settings (with the seed), code digest and data digest."""
    return digest_of({"settings": dict(settings), "code": code, "data": data_digest})


def stored_folder(root: Path, key: str) -> Path:
    """Folder of the run `key` in the store `root`."""
    return root / key[:2] / key


def finished(root: Path, key: str, stacking: str | None = None) -> Path | None:
    """Folder of the stored run `key`; None if the run is not stored, is damaged or is stale.

    `stacking` is the digest of the present stacking code; None if the run may not be stacked. A run that was
    trained in a stack is stale if it may not be stacked, or if the stacking code has changed since.
    """
    folder = stored_folder(root, key)
    if not (folder / RECEIPT).is_file():
        return None
    receipt = read_json(folder / RECEIPT)
    if receipt.get("stacking") not in (None, stacking):
        return None
    digests = receipt["sha256"].items()
    whole = all((folder / name).is_file() and digest_file(folder / name) == sha for name, sha in digests)
    return folder if whole else None


def obtain(
    root: Path,
    key: str,
    train: Callable[[Path], Any],
    stacking: str | None = None,
    files: tuple[str, ...] = TRAIN_FILES,
) -> tuple[Path, bool]:
    """(folder of the finished run `key`, whether it was made now).

    If `finished` does not find the run, `train(folder)` makes it.

    `files` are the names of the files that the receipt lists with their digests, if they exist. `train` works in a
    folder that is kept if the process is killed, so that training can resume there. If two processes need the same run,
    the second waits for the first. If `train` raises an exception, nothing is stored.
    """
    trained = obtain_all(root, [key], lambda folders: train(folders[key]), stacking, files)
    return stored_folder(root, key), bool(trained)


def obtain_all(
    root: Path,
    keys: Iterable[str],
    train: Callable[[dict[str, Path]], Any],
    stacking: str | None = None,
    files: tuple[str, ...] = TRAIN_FILES,
) -> list[str]:
    """Like `obtain`, for several runs: one call `train({key: folder})` makes the runs that are not `finished`.

    Returns the keys of the runs made now.
    """
    folders: dict[str, Path] = {}
    with ExitStack() as held:
        for key in sorted(keys):  # every process takes the locks in the same order, so there is no deadlock
            with ExitStack() as lock:
                lock.enter_context(_locked(root / "partial" / f"{key}.lock"))
                if finished(root, key, stacking) is None:
                    folders[key] = _working_folder(root, key, stacking)
                    held.push(lock.pop_all())
        if folders:
            train(folders)
        for key, folder in folders.items():
            _store(folder, stored_folder(root, key), files)
    return list(folders)


def _working_folder(root: Path, key: str, stacking: str | None) -> Path:
    """Folder in which a run trains.

    An earlier checkpoint in the folder is kept. If other stacking code wrote the checkpoint, the folder is emptied.
    """
    folder = root / "partial" / key
    if _stacked_by(folder) not in (None, stacking):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _store(folder: Path, final: Path, files: tuple[str, ...]) -> None:
    written = [name for name in files if (folder / name).is_file()]  # a failed run has only settings and status
    receipt: dict[str, Any] = {"sha256": {name: digest_file(folder / name) for name in written}}
    if (code := _stacked_by(folder)) is not None:
        receipt["stacking"] = code
    write_json(folder / RECEIPT, receipt)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():  # damaged or stale
        shutil.rmtree(final)
    folder.replace(final)


def _stacked_by(folder: Path) -> str | None:
    """Digest of the stacking code that wrote a checkpoint or the files in `folder`; None if the run trained alone."""
    file = folder / STACKED_BY
    return file.read_text(encoding="utf-8") if file.is_file() else None


def publish(folder: Path, out: Path, extras: tuple[str, ...] = ()) -> dict[str, str]:
    """Put a stored run's files into the folder `out`; returns {name: SHA-256}.

    Files are hard links, which take no additional disk space, or copies if the file system has no hard links. `extras`
    are files that were derived from the published files. They are removed if `out` has the files of another run.
    """
    out.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str] = dict(read_json(folder / RECEIPT)["sha256"])
    status = out / STATUS
    if not status.is_file() or digest_file(status) != digests[STATUS]:
        for name in (*extras, *TRAIN_FILES):
            (out / name).unlink(missing_ok=True)
    for name in digests:
        _link(folder / name, out / name)
    return digests


def _link(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    # Outputs must be newer than their inputs, because Snakemake compares modification times.
    os.utime(temporary)
    temporary.replace(target)
    # If `target` is already a link to the same file, renaming does nothing and the temporary name remains.
    temporary.unlink(missing_ok=True)


def require_as_recorded(run: Path, name: str) -> None:
    """UserError if a file of a run does not have the SHA-256 in status.json. A file not listed there is not checked."""
    file, status = run / name, run / STATUS
    sha = read_json(status).get("sha256", {}).get(name) if status.is_file() else None
    if sha is not None and file.is_file() and digest_file(file) != sha:
        raise UserError(f"{file}: damaged: its SHA-256 is not that in {STATUS}; train the run again.")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, and remove the file at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # The previous holder may have removed the file that is open here; then the new file must be locked.
            if not path.exists() or os.fstat(stream.fileno()).st_ino != path.stat().st_ino:
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
