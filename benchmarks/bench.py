"""Runs four benchmarks of speed and writes benchmarks/RESULTS.md: `make bench`.

    python benchmarks/bench.py [--full] [--out benchmarks/RESULTS.md]

The four benchmarks take about 15 minutes on two cores, and hours with --full. Each benchmark runs in a separate
process. Its output is copied unchanged into the file. The file begins with the machine and the versions of libraries,
and ends with the text of benchmarks/limits.md.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: Heading, script, arguments without --full, arguments with --full.
PARTS = (
    ("One run", "training.py", ["--quick"], []),
    ("Many runs at once", "stacked.py", ["--quick"], []),
    ("The workflow", "workflow.py", ["--quick"], []),
    ("Tables and figures of many runs", "tables.py", ["--runs", "200", "800"], ["--runs", "1000", "4000", "10000"]),
)


def machine() -> str:
    """The machine and libraries of the measurements, as text."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "pandas", "snakemake"))
    load = f"load {os.getloadavg()[0]:.1f} when it began"
    return f"{model}, {os.cpu_count()} cores, {load}; Python {platform.python_version()}, {libraries}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def section(heading: str, script: str, arguments: list[str]) -> str:
    """The output of one benchmark, under its heading. RuntimeError if the benchmark fails."""
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, str(HERE / script), *arguments], capture_output=True, text=True, check=False, cwd=HERE.parent
    )
    if run.returncode:
        raise RuntimeError(f"{script}: {run.stdout}{run.stderr}")
    command = " ".join(["python", f"benchmarks/{script}", *arguments])
    return f"## {heading}\n\n`{command}` ({time.monotonic() - began:.0f} s)\n\n{run.stdout.strip()}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    today = datetime.datetime.now(datetime.UTC).date()
    parts = [f"# Speed\n\nWritten by `make bench`, {today}. {machine()}.\n"]
    for heading, script, quick, full in PARTS:
        parts.append(section(heading, script, full if args.full else quick))
        print(parts[-1], flush=True)
    notes = HERE / "limits.md"
    if notes.is_file():
        parts.append(notes.read_text(encoding="utf-8"))
    args.out.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
