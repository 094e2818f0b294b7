"""Limits the instructions that numerical libraries use, so that results have the same bits on different processors.

PyTorch, oneDNN, MKL, OpenBLAS and NumPy choose their kernels by the processor. Kernels with different vector widths add
numbers in different orders. GAN training amplifies a difference in the last bit until two runs are unrelated. In the
mode "portable", environment variables limit these libraries to kernels that run on all x86-64 processors with AVX2. In
the mode "native", no variable limits them.

The variables work only before the libraries are loaded. A process must choose its mode before it imports torch or
NumPy, and this module imports neither. docs/bits.md lists the classes of processors on which "portable" gave equal
results.
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

#: Variables that the mode "portable" sets. The last one disables the wider kernels of NumPy 2.0 to 2.4. NumPy ignores
#: instruction sets that its version or the processor does not have.
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
    """The mode of this process, from `GAN_BENCH_BITS`.

    If `GAN_BENCH_BITS` is not set, the mode follows from the variables in PORTABLE: "portable" if all have the values
    given there, else "native".

    Raises:
        UserError: `GAN_BENCH_BITS` is not a valid mode.
    """
    text = os.environ.get(VARIABLE, "portable" if in_force() else "native")
    if text not in MODES:
        raise UserError(f"{VARIABLE} is {text!r}; valid: {', '.join(MODES)}.")
    return text


def choose(wanted: str | None = None) -> None:
    """Set the variables of a mode for this process and its children.

    Args:
        wanted: "portable" or "native". None means the mode in `GAN_BENCH_BITS`; without this variable, "portable".

    Raises:
        UserError: the mode is unknown, or a library in READERS was already loaded in the other mode.
    """
    os.environ[VARIABLE] = wanted or os.environ.get(VARIABLE, MODES[0])
    if mode() == ("portable" if in_force() else "native"):
        return
    if loaded := [name for name in READERS if name in sys.modules]:
        raise UserError(f"bits must be {mode()}, but {loaded[0]} was loaded in the other mode; {REMEDY}")
    for key, value in PORTABLE.items():
        if mode() == "portable":
            os.environ[key] = value
        else:
            os.environ.pop(key, None)


def require() -> None:
    """UserError if this process is in the mode "portable" but the variables in PORTABLE are not set."""
    if mode() == "portable" and not in_force():
        raise UserError(f"{VARIABLE} is portable, but this process does not limit its libraries; {REMEDY}")


def in_force() -> bool:
    """Whether all variables of the mode "portable" are set."""
    return all(os.environ.get(key) == value for key, value in PORTABLE.items())


def machine_class() -> str:
    """Name of the processor's class, such as "x86_64 AMD family 25 model 17, AVX-512". It is written to results.

    The last part is the widest instruction set in /proc/cpuinfo: "AVX-512", "AVX2" or "no AVX2". Without that file, the
    name has "?" for the vendor, family and model, and "no AVX2".
    """
    facts, flags = _cpuinfo()
    widest = next((name for flag, name in _WIDTHS if flag in flags), "no AVX2")
    vendor = facts.get("vendor_id", "?").replace("AuthenticAMD", "AMD").replace("GenuineIntel", "Intel")
    model = f"{vendor} family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
    return f"{platform.machine()} {model}, {widest}"


def cpu_flags() -> set[str]:
    """Instruction sets in /proc/cpuinfo, such as avx512f; empty if there is no such file."""
    return _cpuinfo()[1]


_WIDTHS = (("avx512f", "AVX-512"), ("avx2", "AVX2"))


def _cpuinfo() -> tuple[dict[str, str], set[str]]:
    """Facts of the first processor in /proc/cpuinfo, and its flags; both are empty if there is no such file."""
    file = Path("/proc/cpuinfo")
    if not file.is_file():
        return {}, set()
    first = file.read_text(encoding="utf-8").split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    facts = {key.strip(): value.strip() for key, _, value in pairs}
    return facts, set(facts.get("flags", "").split())
