"""Finished runs, each stored whole at once under the hash of what made it.

A job trains several seeds and Snakemake deletes the outputs of a job that fails or is killed, so finished seeds live
here, outside declared outputs: a failure, a kill or an added seed never costs a finished run, and studies share runs.
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
    """Name of a run in the store: SHA-256 of its settings (seed included), code digest and data digest."""
    return digest_of({"settings": dict(settings), "code": code, "data": data_digest})


def finished(root: Path, key: str) -> Path | None:
    """Folder of a stored run whose files are all there with their digests; a damaged one is removed."""
    folder = root / key[:2] / key
    if not (folder / RECEIPT).is_file():
        return None
    receipt = read_json(folder / RECEIPT)
    if all((folder / name).is_file() and digest_file(folder / name) == sha for name, sha in receipt["sha256"].items()):
        return folder
    shutil.rmtree(folder)
    return None


def obtain(root: Path, key: str, train: Callable[[Path], Any]) -> tuple[Path, bool]:
    """Folder of the finished run `key`, made by `train(folder)` unless it is stored; and whether it was made now.

    `train` works in a folder of its own that survives a kill, so it can resume there. A second process that wants
    the same run waits for the first. What `train` raises passes through, and nothing is stored.
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

    Files are hard links where the file system allows, so a study costs no second copy. `extras` are files derived
    from an earlier content of `out`; they are removed when the content changes.
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
    # A workflow compares times: what is put in place now must be newer than what it was made from.
    os.utime(temporary)
    temporary.replace(target)
    # Renaming a link onto another name of the same file does nothing and leaves the temporary name behind.
    temporary.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the file goes when its holder is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # The holder before us removed the file we opened: lock the one that is there now.
            if not path.exists() or os.fstat(stream.fileno()).st_ino != path.stat().st_ino:
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
