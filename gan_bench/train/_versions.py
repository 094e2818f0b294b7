"""The versions, machine and source code with which a run is made. Only status.json contains them."""

import functools
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_bench import __version__, bits
from gan_bench.files import digest_file
from gan_bench.provenance import LIBRARIES, LOCK, stage_digest
from gan_bench.registry import PACKAGE


def provenance(threads: int, device: str) -> dict[str, Any]:
    """Versions, machine and source code; values are text, numbers, booleans or None.

    "code": digest of the training code without the components (model, loss, ...). Runs that differ only in components
    have the same digest. "commit": git commit; "dirty": whether the package differs from that commit; both are None if
    the package is not in a git checkout of the project, or if git fails. "lock": SHA-256 of the lock file; None without
    a lock file.
    """
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        **{name: _version(name) for name in LIBRARIES},
        "platform": platform.platform(),
        "cpu": _cpu(),
        "bits": bits.mode(),
        "class": bits.machine_class(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": threads,
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else device,
        "gan_bench": __version__,
        "code": stage_digest("train"),
        "lock": digest_file(LOCK) if LOCK.is_file() else None,
        **_source(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@functools.cache
def _source() -> dict[str, Any]:
    """Commit of the checkout that contains the package, and whether the package differs from this commit.

    Git is asked once per process, at the first call.
    """
    try:
        if Path(_git("rev-parse", "--show-toplevel")).resolve() == PACKAGE.parent.resolve():
            changed = _git("status", "--porcelain", "--", PACKAGE.name)
            return {"commit": _git("rev-parse", "HEAD"), "dirty": bool(changed)}
    except (OSError, subprocess.SubprocessError):  # no git, no checkout, or no commit
        pass
    return {"commit": None, "dirty": None}


def _git(*arguments: str) -> str:
    # Git must not write: without this option, `git status` refreshes the index, which another git process may use.
    command = ["git", "--no-optional-locks", "-C", str(PACKAGE.parent), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
    return run.stdout.strip()


def _cpu() -> str:
    """Model name of the processor, from /proc/cpuinfo on Linux, else from Python's `platform`."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
