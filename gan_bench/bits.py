"""Which instructions the numerical libraries may use, so that results have the same bits on different processors.

PyTorch, oneDNN, MKL, OpenBLAS and NumPy choose their kernels by the processor. Kernels of different vector width add in
different orders. GAN training amplifies a difference in the last bit until two runs have nothing in common. In the mode
"portable", environment variables limit every library to kernels that run on all x86-64 processors with AVX2. In the
mode "native", each library uses its fastest kernels.

The variables work only before the libraries are loaded, so a process chooses once, before it imports torch or NumPy.
This module imports neither. Classes of processors on which "portable" was made equal are listed in docs/faults.md.
"""

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from gan_bench.errors import UserError

#: Environment variable with the mode of a process.
VARIABLE = "GAN_BENCH_BITS"
MODES = ("portable", "native")

#: Variables that the mode "portable" sets. NumPy's list holds the names of its wider kernels in NumPy 2.0 to 2.4. NumPy
#: ignores names that its version or the processor does not have.
PORTABLE: Mapping[str, str] = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
}

#: Libraries that read the variables when they are loaded.
READERS = ("numpy", "torch", "scipy")

REMEDY = f"set {VARIABLE}=native, or call gan_bench.bits.choose() before NumPy and torch are imported."


def mode() -> str:
    """The mode of this process: that of `GAN_BENCH_BITS`; without it "portable" if its variables are set.

    Raises:
        UserError: `GAN_BENCH_BITS` is no mode.
    """
    text = os.environ.get(VARIABLE, "portable" if in_force() else "native")
    if text not in MODES:
        raise UserError(f"{VARIABLE} is {text!r}; valid: {', '.join(MODES)}.")
    return text


def choose(wanted: str | None = None) -> None:
    """Set the variables of a mode for this process and its children.

    Args:
        wanted: "portable" or "native"; None for the mode that `GAN_BENCH_BITS` names, "portable" where it is not set.

    Raises:
        UserError: the mode is unknown, or a library was loaded with the variables of the other mode.
    """
    os.environ[VARIABLE] = wanted or os.environ.get(VARIABLE, MODES[0])
    if mode() == ("portable" if in_force() else "native"):
        return
    if loaded := [name for name in READERS if name in sys.modules]:
        raise UserError(f"bits are to be {mode()}, but {loaded[0]} was loaded for the other mode; {REMEDY}")
    for key, value in PORTABLE.items():
        if mode() == "portable":
            os.environ[key] = value
        else:
            os.environ.pop(key, None)


def require() -> None:
    """UserError if this process is in the mode "portable" but its libraries were loaded without the limits."""
    if mode() == "portable" and not in_force():
        raise UserError(f"{VARIABLE} is portable, but this process does not limit its libraries; {REMEDY}")


def in_force() -> bool:
    """Whether all variables of the mode "portable" are set."""
    return all(os.environ.get(key) == value for key, value in PORTABLE.items())


def machine_class() -> str:
    """The class of this machine's processor, as results name it: "x86_64 AMD family 25 model 17, AVX-512".

    The widest vector instructions are those that the operating system reports, which may be fewer than the model's.
    """
    facts, flags = _cpuinfo()
    widest = next((name for flag, name in _WIDTHS if flag in flags), "no AVX2")
    vendor = facts.get("vendor_id", "?").replace("AuthenticAMD", "AMD").replace("GenuineIntel", "Intel")
    place = f"{vendor} family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
    return f"{platform.machine()} {place}, {widest}"


_WIDTHS = (("avx512f", "AVX-512"), ("avx2", "AVX2"))


def _cpuinfo() -> tuple[dict[str, str], set[str]]:
    """Facts of the first processor in /proc/cpuinfo, and its flags; empty where there is no such file."""
    file = Path("/proc/cpuinfo")
    if not file.is_file():
        return {}, set()
    first = file.read_text(encoding="utf-8").split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    facts = {key.strip(): value.strip() for key, _, value in pairs}
    return facts, set(facts.get("flags", "").split())
