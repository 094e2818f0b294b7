"""The store of finished runs, each in a folder named by a hash of its settings, code and data.

A job trains several seeds, and Snakemake deletes the outputs of a job that fails or is killed. The store is outside of
these outputs: no finished run is lost by a failure, a kill or an added seed, and studies share runs.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan_bench.files import digest_file, digest_of, read_json, write_json
from gan_bench.paths import STATUS, TRAIN_FILES

RECEIPT = "receipt.json"


def run_key(settings: Mapping[str, Any], code: str, data_digest: str) -> str:
    """Name of a run in the store: SHA-256 of its settings (with the seed), code digest and data digest."""
    return digest_of({"settings": dict(settings), "code": code, "data": data_digest})


def finished(root: Path, key: str) -> Path | None:
    """Folder of a stored run, or None. A run with a missing or damaged file is removed."""
    folder = root / key[:2] / key
    if not (folder / RECEIPT).is_file():
        return None
    receipt = read_json(folder / RECEIPT)
    if all((folder / name).is_file() and digest_file(folder / name) == sha for name, sha in receipt["sha256"].items()):
        return folder
    shutil.rmtree(folder)
    return None


def obtain(root: Path, key: str, train: Callable[[Path], Any]) -> tuple[Path, bool]:
    """Folder of the finished run `key`, and whether this call trained it; if not stored, `train(folder)` is called.

    `train` works in a folder that survives a kill, so it can resume there. A second process that wants the same run
    waits for the first. If `train` raises, nothing is stored.
    """
    with _locked(root / "partial" / f"{key}.lock"):
        folder = finished(root, key)
        if folder is not None:
            return folder, False
        partial = root / "partial" / key
        partial.mkdir(parents=True, exist_ok=True)
        train(partial)
        write_json(partial / RECEIPT, {"sha256": {name: digest_file(partial / name) for name in TRAIN_FILES}})
        final = root / key[:2] / key
        final.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(final)
        return final, True


def publish(folder: Path, out: Path, extras: tuple[str, ...] = ()) -> dict[str, str]:
    """Put a stored run's files into `out`; returns their SHA-256 by name.

    Files are hard links where the file system supports them, so a study takes no more disk space. `extras` are files
    derived from the content of `out`; they are removed when that content changes.
    """
    out.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str] = dict(read_json(folder / RECEIPT)["sha256"])
    status = out / STATUS
    if not status.is_file() or digest_file(status) != digests[STATUS]:
        for name in extras:
            (out / name).unlink(missing_ok=True)
    for name in TRAIN_FILES:
        _link(folder / name, out / name)
    return digests


def _link(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    # Snakemake compares times: outputs must be newer than their inputs.
    os.utime(temporary)
    temporary.replace(target)
    # Renaming onto another link to the same file does nothing and leaves the temporary name.
    temporary.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, and remove the file at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # The previous holder removed the file that is open here: lock the new one.
            if not path.exists() or os.fstat(stream.fileno()).st_ino != path.stat().st_ino:
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
