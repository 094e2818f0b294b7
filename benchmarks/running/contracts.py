"""The messages of `gan-bench check` about broken components, and the CPU seconds of each check: a Markdown table.

    .venv/bin/python benchmarks/running/contracts.py

The components are those of tests/dry_run/test_contracts.py. Each is checked in a separate process with an empty cache.
CPU seconds hardly depend on the load of the machine. They include starting Python and importing torch, whose time is in
the row "importing torch".
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests" / "dry_run"))


def timed(arguments: list[str], folder: Path) -> tuple[int, str, float]:
    """Exit code, error output and CPU seconds of a Python process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return run.returncode, run.stderr.strip(), seconds


def main() -> None:
    from test_contracts import MISTAKES, study

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        print("| broken | exit code | message | CPU seconds |\n|---|---:|---|---:|")
        print(f"| importing torch | | | {timed(['-c', 'import torch'], folder)[2]:.1f} |")
        for number, (mistake, (axis, source, _)) in enumerate(MISTAKES.items()):
            below = folder / str(number)
            below.mkdir()
            study(below, axis, source)
            code, said, seconds = timed(["-m", "gan_bench.cli", "check", "mine.yaml"], below)
            message = said.removeprefix("gan-bench check: ").replace("|", "\\|")
            print(f"| {mistake} | {code} | {message} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
