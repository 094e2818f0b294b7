"""Speed of convolutions with weights in the layout `channels_last`: CPU seconds of a run with and without it.

    python benchmarks/channels_last.py [--pairs 5]

Each run is trained --pairs times in each layout, with `bits: portable` on one thread; the layouts take turns in going
first. A ratio below 1 means that `channels_last` is faster. PyTorch gives activations and the optimizer's moments the
layout of the weights. docs/training_speed.md states the result and the decision.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from gan_bench import bits

WIDE = {"name": "dcgan", "width": 64}
ADAM = {"name": "adam", "lr": 5e-4}
RUNS: dict[str, tuple[int, dict[str, Any], int]] = {
    "dcgan, 32 px": (32, {"model": WIDE, "loss": "hinge", "optimizer": ADAM}, 30),
    "dcgan, 64 px": (64, {"model": WIDE, "loss": "hinge", "optimizer": ADAM}, 12),
    "sngan, 32 px": (32, {"preset": "sngan", "model": {"width": 32}, "d_steps": 1}, 20),
    "wgan_gp, 32 px": (32, {"preset": "wgan_gp", "model": {**WIDE, "d_norm": "layer"}, "d_steps": 2}, 15),
}


def settings_of(size: int, variant: dict[str, Any], steps: int) -> dict[str, Any]:
    """Complete settings of one run on drawn sunflowers of `size` pixels."""
    from gan_bench.config.load import load_study
    from gan_bench.config.plan.grid import expand

    data = {"name": "sunflowers", "size": size, "n_train": 128, "n_test": 64}
    study = {"datasets": [data], "variants": [variant], "seeds": 1, "budget": {"g_steps": steps}}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "study.yaml"
        file.write_text(json.dumps(study), encoding="utf-8")
        return {**expand(load_study(str(file))).cells[0].settings, "seed": 0}


def train(settings: Path, folder: Path, layout: str) -> None:
    """Train one run and print its CPU seconds."""
    import torch

    from gan_bench.data import open_data, prepare
    from gan_bench.train import state
    from gan_bench.train.run import train_run

    plain = state._player

    def player(network: Any, optimizer: Any, device: Any) -> Any:
        for parameter in network.module.parameters():
            if layout == "last" and parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        return plain(network, optimizer, device)

    state._player = player
    run = json.loads(settings.read_text())
    if not (folder / "data" / "manifest.json").is_file():
        prepare(run["dataset"], folder / "data")
    data = open_data(folder / "data")
    start = time.process_time()
    train_run(run, data, Path(tempfile.mkdtemp(dir=folder)))
    print(time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--train", nargs=3, metavar=("SETTINGS", "FOLDER", "LAYOUT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.train:
        train(Path(args.train[0]), Path(args.train[1]), args.train[2])
        return
    print(f"Class: {bits.machine_class()}; {args.pairs} pairs, portable bits, one thread\n")
    print("| run | contiguous, CPU s (median) | channels_last / contiguous, median | range |\n|---|---|---|---|")
    environment = {**os.environ, **bits.PORTABLE, "OMP_NUM_THREADS": "1", "GAN_BENCH_BITS": "portable"}
    for name, (size, variant, steps) in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "settings.json"
            file.write_text(json.dumps(settings_of(size, variant, steps)), encoding="utf-8")
            plain, ratios = [], []
            for pair in range(args.pairs):
                seconds = {}
                for layout in ("last", "first") if pair % 2 else ("first", "last"):
                    command = [sys.executable, __file__, "--train", str(file), folder, layout]
                    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
                    seconds[layout] = float(out.stdout)
                plain.append(seconds["first"])
                ratios.append(seconds["last"] / seconds["first"])
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"| {name} | {statistics.median(plain):.1f} | {statistics.median(ratios):.2f} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
