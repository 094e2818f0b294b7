"""Removes the lock files that a killed snakemake left behind, but not those of a running snakemake."""

import contextlib
import fcntl
import platform
import sys
from pathlib import Path
from typing import TextIO

#: File in .snakemake on which a running snakemake holds a lock. The kernel releases the lock when the process ends.
FILE = "gan_bench.alive"

_held: list[TextIO] = []

BUSY = (
    "gan-bench: another snakemake is running in {folder}. If it makes the same files, this command ends with an error "
    "about locks; then wait and run it again. Do not use --unlock, or both would write the same files.\n"
)


def enter(state: Path) -> list[Path]:
    """Hold a kernel lock in `state` (the folder .snakemake) until this process ends.

    Removes the stale lock files of Snakemake, and returns their paths.

    Snakemake's own locks are files, which remain if Snakemake is killed. If no other process works in the folder, these
    files are stale and are removed, so that the same command works again without --unlock. There are two exceptions.
    The lock files stay on file systems without kernel locks, such as some network file systems. They also stay if
    another machine may have written them, because the processes of another machine are not visible here.
    """
    try:
        state.mkdir(exist_ok=True)
        stream = (state / FILE).open("a+", encoding="utf-8")
    except OSError:  # snakemake reports what is wrong with the folder
        return []
    _held.append(stream)
    stale = []
    with contextlib.suppress(OSError):
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # snakemake's own message only suggests --unlock
            sys.stderr.write(BUSY.format(folder=state.resolve().parent))
            raise
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
