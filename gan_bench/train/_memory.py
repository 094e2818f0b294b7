"""Peak memory of a run."""

import sys
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def reset_peak() -> bool:
    """Reset the recorded peak memory of this process to its current memory.

    Returns False if the system does not allow it.

    Linux records the peak memory of a process as VmHWM. Writing 5 to clear_refs resets VmHWM (manual page proc(5)).
    """
    try:
        RESET.write_text("5", encoding="ascii")
    except OSError:  # another system, or a container that does not allow it
        return False
    return True


def peak() -> float | None:
    """Peak resident memory of this process in MB (10^6 bytes); None if unknown.

    The peak is counted from the last successful `reset_peak`, or from the start of the process if there was none.

    `getrusage` is used only if /proc does not state the peak. The peak from `getrusage` can be too high, because it
    includes memory that the parent process used before this process started.
    """
    try:
        for line in STATUS.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e6, 1)
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
