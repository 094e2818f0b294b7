"""Cost of portable bits (docs/bits.md): CPU seconds of the runs of portable.yaml in the modes portable and native.

    python benchmarks/bits/cost.py [--steps 400] [--pairs 5]

Each pair trains the same run twice, once in each mode, in alternating order. Both times exclude imports: a process that
only imports is timed in each mode, and its CPU seconds are subtracted. The ratio of a pair is portable / native. For
each run, the table gives the median time in the mode native, and the median and the range of the ratios.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT)]

from gan_bench import bits
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand

IMPORTS = "import gan_bench.train.run, gan_bench.methods.adversarial, gan_bench.models.dcgan"


def main() -> None:
    """Print the table of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--pairs", type=int, default=5)
    args = parser.parse_args()
    print(f"Class: {bits.machine_class()}; {args.pairs} pairs, {args.steps} generator steps, one thread\n")
    print("| family | native, CPU s (median) | portable / native, median | range |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for cell in expand(load_study(str(HERE / "portable.yaml"))).cells:
            settings = {**cell.settings, "seed": 0, "budget": {"g_steps": args.steps}}
            file = Path(folder) / f"{cell.id}.json"
            file.write_text(json.dumps(settings), encoding="utf-8")
            _line(cell.variant, file, Path(folder), args.pairs)


def _line(name: str, settings: Path, folder: Path, pairs: int) -> None:
    ratios, native = [], []
    data = folder / f"data-{json.loads(settings.read_text())['dataset']['name'].replace('/', '_')}"
    _train("native", settings, folder / f"{settings.stem}-first", data)  # this run prepares the data
    for pair in range(pairs):
        order = ("native", "portable") if pair % 2 else ("portable", "native")
        seconds = {}
        for mode in order:
            out = folder / f"{settings.stem}-{mode}-{pair}"
            empty = _seconds(["-c", IMPORTS], mode)
            seconds[mode] = _train(mode, settings, out, data) - empty
        native.append(seconds["native"])
        ratios.append(seconds["portable"] / seconds["native"])
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"| {name} | {statistics.median(native):.1f} | {statistics.median(ratios):.2f} | {spread} |", flush=True)


def _train(mode: str, settings: Path, out: Path, data: Path) -> float:
    given = [] if not data.is_dir() else ["--data", str(data)]
    command = ["-m", "gan_bench.cli", "train", "--settings", str(settings), "--out", str(out), *given]
    seconds = _seconds(command, mode)
    if not data.is_dir():
        (out / "data").rename(data)
    return seconds


def _seconds(command: list[str], mode: str) -> float:
    """CPU seconds of a Python process in the mode native or portable."""
    clean = {key: value for key, value in os.environ.items() if key not in bits.PORTABLE}
    limits = bits.PORTABLE if mode == "portable" else {}
    environment = {**clean, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), bits.VARIABLE: mode, **limits}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
