"""Speed of training: the package's loop against a bare loop and a tutorial's, with the same networks and minibatches.

    python benchmarks/training.py                           every family, 5 rounds, about half an hour on one core
    python benchmarks/training.py --quick                   2 rounds of few steps, four families, about four minutes
    python benchmarks/training.py --family mlp dcgan_28 --pairs 7 --bf16 --out training.json
    --data FOLDER                                           folder of MNIST's archives; default: scikit-learn's digits

(a) is the bare loop: forward, backward, fused Adam, data in memory, D frozen in G's step. (b) is the script of a
tutorial (benchmarks/training_textbook.py). "Ours" is the package's loop, which logs the complete history with a log
point every 10 generator steps. Each measurement is a separate process with one thread. The loops of a round run one
after the other; the first loop changes from round to round, and `--pairs` is the number of rounds. Times are CPU
seconds of the process after some warm-up steps. Memory is the peak minus the memory of libraries and pictures. "bf16"
is the package's loop with `precision: bf16`.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from training_loops import FAMILIES

from gan_bench.data import _idx
from gan_bench.data.mnist import FACTS
from gan_bench.files import write_json

LOOPS = Path(__file__).with_name("training_loops.py")
#: Generator steps of a measurement, which takes some seconds. There are at least 20 steps, so that the share of log
#: points is about that of a long run.
STEPS = {"gan": 150, "mlp": 200, "dcgan_28": 100, "dcgan_32": 60, "dcgan_64": 20, "wgan_gp": 20, "sngan": 30}
QUICK = {"gan": 20, "dcgan_28": 20, "wgan_gp": 20, "sngan": 20}
WANTED_OF_TEXTBOOK, WANTED_OF_BF16 = 1.5, 1.6
N_IMAGES = 6000


def pictures(folder: Path | None) -> tuple[np.ndarray, str]:
    """Grey pictures uint8 (n,28,28) and their source: MNIST's archives, or else digits resized to 28 pixels."""
    place = None if folder is None else _idx.find("mnist", FACTS, folder)
    if place is not None:
        return _idx.read_idx(place / _idx.PARTS[0][0])[:N_IMAGES], "MNIST"
    from PIL import Image
    from sklearn.datasets import load_digits

    small = (load_digits().images * 255 / 16).astype(np.uint8)
    return np.stack([np.asarray(Image.fromarray(image).resize((28, 28))) for image in small]), "digits at 28 px"


def measured(family: str, loop: str, steps: int, images: Path) -> dict[str, Any]:
    """One measurement in a separate process."""
    command = [sys.executable, str(LOOPS), family, loop, str(steps), "--images", str(images)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{family}, {loop}: {done.stderr.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def compared(family: str, loops: list[str], steps: int, pairs: int, images: Path) -> list[dict[str, dict[str, Any]]]:
    """Measurements of a family. Each round measures each loop once, and the first loop changes from round to round."""
    rounds = []
    for number in range(pairs):
        order = loops[number % len(loops) :] + loops[: number % len(loops)]
        rounds.append({loop: measured(family, loop, steps, images) for loop in order})
        sizes = {loop["parameters"] for loop in rounds[-1].values()}
        if len(sizes) > 1:
            raise SystemExit(f"{family}: the loops train networks of different sizes: {sizes}.")
    return rounds


def ratios(rounds: list[dict[str, dict[str, Any]]], of: str, to: str) -> list[float]:
    """images/s of one loop over another's, round by round, ascending."""
    return sorted(round_[of]["images_per_second"] / round_[to]["images_per_second"] for round_ in rounds)


def in_words(values: list[float], wanted: float | None) -> str:
    """Median, range, and whether the target is met."""
    median = statistics.median(values)
    verdict = "" if wanted is None else f", {'met' if median >= wanted else 'missed'} ({wanted:g})"
    return f"{median:.2f} ({values[0]:.2f}–{values[-1]:.2f}){verdict}"


def row(family: str, rounds: list[dict[str, dict[str, Any]]]) -> list[str]:
    """The family's line of the table."""

    def of(loop: str, key: str) -> float:
        return statistics.median(results[loop][key] for results in rounds)

    loops = [loop for loop in ("ours", "bare", "textbook") if loop in rounds[0]]
    cells = [family, str(FAMILIES[family].batch), *(f"{of(loop, 'images_per_second'):,.0f}" for loop in loops)]
    cells.append(in_words(ratios(rounds, "ours", "bare"), FAMILIES[family].wanted_of_bare))
    cells.append(in_words(ratios(rounds, "ours", "textbook"), WANTED_OF_TEXTBOOK))
    cells.append(" / ".join(f"{of(loop, 'peak_memory_mb'):.0f}" for loop in loops))
    if "bf16" in rounds[0]:
        wanted = WANTED_OF_BF16 if amx() else None
        cells.append(in_words(ratios(rounds, "bf16", "ours"), wanted))
    return cells


def amx() -> bool:
    """Whether the processor multiplies bfloat16 matrices in AMX tiles, according to Linux."""
    info = Path("/proc/cpuinfo")
    return info.is_file() and "amx_bf16" in info.read_text(encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", nargs="+", choices=FAMILIES)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    pairs, steps = (min(args.pairs, 2), QUICK) if args.quick else (args.pairs, STEPS)
    steps = {**STEPS, **steps} if args.family else steps
    loops = ["ours", "bare", "textbook", *(["bf16"] if args.bf16 else [])]
    head = ["family", "batch", "ours, images/s", "bare (a)", "textbook (b)", "ours / (a)", "ours / (b)", "memory, MB"]
    head += ["bf16 / ours"] if args.bf16 else []
    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        images, source = pictures(args.data)
        np.save(Path(folder) / "images.npy", images)
        print(f"| {' | '.join(head)} |\n| {' | '.join(['---', *['---:'] * (len(head) - 1)])} |", flush=True)
        for family in args.family or steps:
            kept[family] = compared(family, loops, steps[family], pairs, Path(folder) / "images.npy")
            print(f"| {' | '.join(row(family, kept[family]))} |", flush=True)
    about = f"{source}; {platform.machine()}, {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
    about += f", {'AMX' if amx() else 'no AMX'}; one thread; median of {pairs} rounds and range."
    print(f"\n({about})")
    if args.out is not None:
        write_json(args.out, {"about": about, "steps": {f: steps[f] for f in kept}, "rounds": kept})


if __name__ == "__main__":
    main()
