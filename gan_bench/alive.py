"""Locks that a killed snakemake leaves behind, told from those of one that works."""

import contextlib
import fcntl
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

#: Held by every snakemake that works in a folder, for as long as it lives: the kernel lets go of it when it dies.
FILE = "gan_bench.alive"

_held: list[TextIO] = []

BUSY = (
    "gan-bench: another snakemake is at work in {folder}. If it makes the same files, this one ends and says that they "
    "are locked: wait and call it again; --unlock would let two write one file.\n"
)


def enter(state: Path) -> list[Path]:
    """Say that this process works over `state` (the folder .snakemake) until it ends; returns the locks it removed.

    Snakemake's own locks are files, which stay when it is killed. Where no other process works here they are nobody's
    and go, so that the same command again need not be told to unlock. Nothing is removed where locks cannot be had
    (some network file systems), or where they may be of another machine, whose processes cannot be seen from here.
    """
    try:
        state.mkdir(exist_ok=True)
        stream = (state / FILE).open("a+", encoding="utf-8")
    except OSError:  # snakemake will say what is wrong with the folder
        return []
    _held.append(stream)
    stale = []
    with contextlib.suppress(OSError), _said_where_busy(state):
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        stream.seek(0)
        locks = sorted((state / "locks").glob("*.lock"))
        if not locks or stream.read() in ("", platform.node()):
            for lock in locks:
                lock.unlink(missing_ok=True)
            stale = locks
            stream.truncate(0)
            stream.write(platform.node())
            stream.flush()
    with contextlib.suppress(OSError):
        fcntl.flock(stream, fcntl.LOCK_SH)
    return stale


@contextlib.contextmanager
def _said_where_busy(state: Path) -> Iterator[None]:
    """Where another process holds the file, say so: what snakemake says of its locks leads to --unlock."""
    try:
        yield
    except BlockingIOError:
        sys.stderr.write(BUSY.format(folder=state.resolve().parent))
        raise
