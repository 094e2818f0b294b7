"""Peak memory of a run."""

import sys
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def reset_peak() -> bool:
    """Reset the recorded peak memory of this process to its current memory. Returns whether the system allows it.

    Linux records the peak memory of a process (VmHWM) and resets it when 5 is written to clear_refs (proc(5)).
    """
    try:
        RESET.write_text("5", encoding="ascii")
    except OSError:  # another system, or a container that does not allow it
        return False
    return True


def peak() -> float | None:
    """Peak resident memory of this process in MB (10^6 bytes) since `reset_peak` or its start; None if unknown.

    `getrusage` is used only if /proc does not state the peak, because the peak of `getrusage` includes memory that the
    parent process used before it started this process.
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
