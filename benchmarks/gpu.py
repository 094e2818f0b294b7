"""Measures the speed on a GPU, in one command, and writes docs/gpu.md.

    python benchmarks/gpu.py --device cuda [--out docs/gpu.md]
    python benchmarks/gpu.py --device cpu --quick --out FILE     tests the script; its numbers are not results

Sections:

- the package's loop compared with a loop of only forward, backward and optimizer; peak memory;
- many small runs at once, and the hours that the study `lucic2018` would take at this rate;
- float32, TF32 and bfloat16;
- metrics on the device compared with metrics on the CPU;
- whether two trainings have equal bits.

Times are wall seconds, with the device synchronised before each reading of the clock.
"""

import argparse
import hashlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import training_loops as loops

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.evaluate.sets import evaluate_sets
from gan_bench.train._torch import deterministic

Rows = Iterator[str]
FAMILIES = ("mlp", "dcgan_28", "dcgan_32", "dcgan_64", "wgan_gp", "sngan")
METRICS = ("frechet", "kid", "precision_recall", "density_coverage", "one_nn")
TARGET_OF_BARE, TARGET_TOGETHER, TARGET_HOURS = 0.95, 8.0, 1.0


def clock(device: torch.device) -> float:
    """Reading of the clock in seconds, after all work of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def pixels(size: int, n: int = 512) -> torch.Tensor:
    """Random grey images uint8 (n, 1, size, size); rates do not depend on their content."""
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(0, 256, (n, 1, size, size), dtype=np.uint8))


def rates(name: str, loop: str, steps: int, device: torch.device, precision: str = "float32") -> tuple[float, float]:
    """(images a second, peak megabytes) of one loop, with the networks of a family. The peak is NaN on the CPU."""
    family = loops.FAMILIES[name]
    run = loops.settings_of(family, steps + 3, precision) | {"device": device.type}
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    which: Callable[..., tuple[float, int]] = loops.ours if loop == "ours" else loops.bare
    seconds, _ = which(family, run, pixels(family.size), 3, device, lambda: clock(device))
    peak = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else float("nan")
    return steps * run["d_steps"] * family.batch / seconds, peak


def against_bare(families: tuple[str, ...], steps: int, pairs: int, device: torch.device) -> Rows:
    """Section: the package's loop compared with a loop of only forward, backward and optimizer."""
    yield f"## A run against a bare loop (target: at least {TARGET_OF_BARE})\n"
    yield "| family | images/s, ours | ours / bare, median | range | peak memory, MB |\n|---|---|---|---|---|"
    for name in families:
        taken, ratios, peak = [], [], 0.0
        for _ in range(pairs):
            ours, peak = rates(name, "ours", steps, device)
            taken.append(ours)
            ratios.append(ours / rates(name, "bare", steps, device)[0])
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        yield f"| {name} | {statistics.median(taken):,.0f} | {statistics.median(ratios):.2f} | {spread} | {peak:,.0f} |"


def together(counts: list[int], steps: int, device: torch.device) -> Rows:
    """Section: small runs stacked by vmap, and the hours of the study lucic2018 at this rate."""
    import stacked_device

    yield f"\n## Many small runs at once (targets: {TARGET_TOGETHER:.0f} times; lucic2018 in {TARGET_HOURS:.0f} h)\n"
    yield "| networks | runs | alone, ms | together, ms a run | times as fast | lucic2018, hours |"
    yield "|---|---|---|---|---|---|"
    top = stacked_device.ceiling(device)
    for case in ("dcgan_28", "infogan_net_28"):
        for runs in counts:
            row = stacked_device.measured(case, runs, steps, device, top)
            yield (
                f"| {case} | {runs} | {row['alone_ms']:.2f} | {row['together_ms']:.3f} | {row['ratio']:.2f} | "
                f"{row['lucic_hours']:.1f} |"
            )


def precisions(families: tuple[str, ...], steps: int, device: torch.device) -> Rows:
    """Section: speed in float32 with and without TF32, and in bfloat16."""
    yield "\n## Precision\n\n| family | float32, images/s | TF32 / float32 | bf16 / float32 |\n|---|---|---|---|"
    for name in families:
        plain, _ = rates(name, "ours", steps, device)
        matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
        matmul.allow_tf32 = cudnn.allow_tf32 = True
        tf32, _ = rates(name, "ours", steps, device)
        matmul.allow_tf32 = cudnn.allow_tf32 = False
        half, _ = rates(name, "ours", steps, device, "bf16")
        yield f"| {name} | {plain:,.0f} | {tf32 / plain:.2f} | {half / plain:.2f} |"


def scores(n: int, width: int, device: torch.device) -> Rows:
    """Section: seconds and values of metrics on the device and on the CPU."""
    yield f"\n## Metrics, {n:,} rows of {width} features\n"
    yield "| metric | CPU, s | device, s | largest relative difference |\n|---|---|---|---|"
    rng = np.random.default_rng(1)
    real, fake = (Features(rng.standard_normal((n, width)).astype(np.float32) + shift) for shift in (0.0, 0.1))
    for name in METRICS:
        values, seconds = [], []
        for where in ("cpu", device.type):
            start = clock(device)
            labels = {"seed": 0, "extractor_label": "made-up", "split": None}
            rows = evaluate_sets(real, fake, [resolve("metrics", name)], device=where, **labels)
            seconds.append(clock(device) - start)
            values.append({row["name"]: row["value"] for row in rows if row["value"] is not None})
        apart = max(abs(values[1][key] - value) / max(abs(value), 1e-12) for key, value in values[0].items())
        yield f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {apart:.1e} |"


def twice(families: tuple[str, ...], steps: int, device: torch.device) -> Rows:
    """Section: whether two trainings on the device give equal bits. If torch refuses to train, the reason is given."""
    yield "\n## Trained twice\n\n| family | weights | what prevents it |\n|---|---|---|"
    for name in families:
        try:
            same = len({weights(name, steps, device) for _ in range(2)}) == 1
            yield f"| {name} | {'equal in every bit' if same else 'differ'} | |"
        except RuntimeError as error:
            yield f"| {name} | refused | {str(error).splitlines()[0]} |"


def weights(name: str, steps: int, device: torch.device) -> str:
    """SHA-256 of all weights of both networks after `steps` G steps."""
    family = loops.FAMILIES[name]
    run = loops.settings_of(family, steps) | {"device": device.type}
    players = loops.trained(family, run, pixels(family.size), device)
    digest = hashlib.sha256()
    for player in players.values():
        for _, tensor in sorted(player.tensors.items()):
            digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def report(device: torch.device, quick: bool) -> Rows:
    """Lines of the page: its head, then all sections."""
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    command = f"python benchmarks/gpu.py --device {device.type}"
    yield f"# A GPU\n\nWritten by `{command}` on {where}, torch {torch.__version__}.\n"
    if device.type != "cuda":
        yield "These numbers are of a CPU. They show that the program runs, and claim nothing.\n"
    families, steps, pairs = (("mlp", "dcgan_28"), 2, 1) if quick else (FAMILIES, 200, 5)
    yield from against_bare(families, steps, pairs, device)
    yield from together([1, 2] if quick else [1, 4, 16, 64], 2 if quick else 50, device)
    yield from precisions(families, steps, device)
    with deterministic(1, device):
        yield from scores(64 if quick else 10_000, 8 if quick else 256, device)
    yield from twice(families, 2 if quick else 100, device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--quick", action="store_true", help="two families, two steps: does the program run?")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "gpu.md")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("--device cuda: no CUDA device is visible here; --device cpu --quick tries the program out.")
    lines = []
    for line in report(torch.device(args.device), args.quick):
        print(line, flush=True)
        lines.append(line)
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
