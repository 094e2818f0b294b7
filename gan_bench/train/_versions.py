"""What a run was made with: versions and machine, for status.json alone."""

import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_bench import __version__


def provenance(threads: int, device: str) -> dict[str, Any]:
    """Versions and machine type that bit-identity is promised for."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpu": _cpu(),
        "threads": threads,
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else device,
        "gan_bench": __version__,
    }


def _cpu() -> str:
    """Model name of the processor, as Linux tells it; elsewhere as Python does."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
