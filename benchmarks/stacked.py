"""Speed of runs that train together, compared with the same runs one after the other, in one process.

    python benchmarks/stacked.py [--quick] [--case mlp_64 ...] [--runs 1 2 4 8 16] [--pairs 3] [--steps 60] [--out FILE]

Both sides use the package's training loops, with a log point every 10 steps and with signals. A pair is R runs one at a
time (gan_bench.train.loop.train), then the same R runs together (gan_bench.stacking.stack). The columns of the table
are:

- the ratio of the two times: median over pairs, and range;
- milliseconds per generator step of a run, on both sides;
- the seconds of tracing and stacking a step, which happens once;
- the largest difference between the states of the runs on both sides; 0 if they agree.

Times are CPU time of the process.

In a stack, the signals (measurements of G and D) of all runs are measured together. A study does so only if its runs
have many log points (gan_bench.stacking.signals). Here the few timed steps stand for a long run. Stacking happens only
once in a run, so its cost has a separate column.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.game.game import build_game
from gan_bench.methods import Setup
from gan_bench.stacking import signals as stacked_signals
from gan_bench.stacking.stack import advance
from gan_bench.train import signals
from gan_bench.train._torch import deterministic
from gan_bench.train.checkpoint import _pack
from gan_bench.train.loop import Hooks, TrainingData, train
from gan_bench.train.schedule import schedule
from gan_bench.train.spread import rows_of
from gan_bench.train.state import start

SAMPLES, WARM = 1000, 10
ADAM = {"name": "adam", "lr": 2e-4, "beta1": 0.5}

#: Case -> its entries for `settings`, shape of the images, size of the minibatch.
CASES: dict[str, tuple[dict[str, Any], tuple[int, int, int], int]] = {
    "mlp_16": ({"model": {"name": "mlp", "g_widths": [16, 16], "d_widths": [16, 16]}}, (1, 8, 8), 64),
    "mlp_64": ({"model": {"name": "mlp", "g_widths": [64, 64], "d_widths": [64, 64]}}, (1, 8, 8), 64),
    "mlp_64_gp": (
        {"model": {"name": "mlp", "g_widths": [64, 64], "d_widths": [64, 64]}, "loss": "wasserstein",
         "penalty": "gradient_penalty"}, (1, 8, 8), 64),
    "mlp_128": ({"model": {"name": "mlp", "g_widths": [128, 128], "d_widths": [128, 128]}}, (1, 8, 8), 64),
    "points_64": (
        {"model": {"name": "points_mlp", "g_widths": [64, 64], "d_widths": [64, 64], "pieces": 1}}, (2, 1, 1), 64),
    "points_128": (
        {"model": {"name": "points_mlp", "g_widths": [128, 128], "d_widths": [128, 128], "pieces": 1}}, (2, 1, 1), 64),
    "mlp_demo": ({"model": {"name": "mlp", "g_widths": [128, 256], "d_widths": [256, 128]}}, (1, 8, 8), 64),
    "mlp_256": ({"model": {"name": "mlp", "g_widths": [256, 256], "d_widths": [256, 256]}}, (1, 8, 8), 64),
    "mlp_28": ({"model": {"name": "mlp"}}, (1, 28, 28), 64),
    "dcgan_8": ({"model": {"name": "dcgan", "width": 32}}, (1, 8, 8), 64),
    "dcgan_28": ({"model": {"name": "dcgan"}}, (1, 28, 28), 64),
    "infogan_net_28": ({"model": {"name": "infogan_net"}}, (1, 28, 28), 64),
}  # fmt: skip
USUAL = ["mlp_64", "mlp_128", "points_64", "mlp_28", "dcgan_8"]
QUIET = Hooks(save=lambda _state: None, save_seconds=float("inf"), logged=lambda _state: None)


def settings(case: str, steps: int, seed: int, device: str) -> dict[str, Any]:
    """Settings of a run of `steps` timed steps, after WARM steps that are not timed."""
    changes, _, batch = CASES[case]
    total = steps + WARM
    run: dict[str, Any] = {"tricks": [], "ema": None, "d_steps": 1, "batch_size": batch, "budget": {"g_steps": total}}
    run |= {"log_points": total // 10, "snapshots": 1, "checkpoints": None, "threads": 1, "device": device}
    run |= {"method": resolve("methods", "adversarial"), "model": resolve("models", changes["model"]), "seed": seed}
    run |= {"loss": resolve("losses", changes.get("loss", "non_saturating"))}
    run |= {"penalty": resolve("penalties", changes.get("penalty", "none"))}
    return run | {f"{player}_optimizer": resolve("optimizers", ADAM) for player in "gd"}


class Case:
    """New runs of one case on images of noise, because the content of images does not change the time."""

    def __init__(self, name: str, steps: int, device: torch.device) -> None:
        self.name, self.steps, self.device = name, steps, device
        self.shape = CASES[name][1]
        self.plan = schedule(settings(name, steps, 0, str(device)), SAMPLES)
        generator = torch.Generator().manual_seed(0)
        kind: dict[str, Any] = {"generator": generator}
        images = torch.randint(0, 256, (SAMPLES, *self.shape), **kind, dtype=torch.uint8)
        if self.shape[1:] == (1, 1):
            images = torch.rand((SAMPLES, *self.shape), **kind)
        self.data = TrainingData(images.to(device))
        self.held = (torch.rand((signals.N, *self.shape), **kind) * 2 - 1).to(device)

    def run(self, seed: int) -> tuple[Any, Any]:
        setup = Setup(settings(self.name, self.steps, seed, str(self.device)), self.shape)
        program, state = start(setup, SAMPLES, self.plan, self.device)
        state.signals = signals.Signals(self.held, None, rows_of(self.held))
        return program, state

    def alone(self, runs: int) -> tuple[float, list[Any]]:
        """Seconds of the timed steps of `runs` runs one after the other, and their states."""
        seconds, states = 0.0, []
        for seed in range(runs):
            program, state = self.run(seed)
            watch = Watch(self.clock)
            train(program, state, self.plan, self.data, watch.hooks)
            seconds += self.clock() - watch.seen
            states.append(state)
        return seconds, states

    def together(self, runs: int) -> tuple[float, float, list[Any]]:
        """Seconds of the timed steps of `runs` runs together, seconds of the stacking, and the runs' states."""
        members, watch = [self.run(seed) for seed in range(runs)], Watch(self.clock)
        run = settings(self.name, self.steps, 0, str(self.device))
        game, begun = build_game(run, self.shape), self.clock()
        group = [(seed, *member, watch.hooks) for seed, member in enumerate(members)]
        advance(game, group, self.plan, self.data, self.plan.g_steps, lambda _run, _end: None)
        seconds = self.clock() - watch.seen
        stacking = watch.seen - begun - seconds * WARM / self.steps
        return seconds, max(0.0, stacking), [state for _, state in members]

    def clock(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            return time.perf_counter()
        return time.process_time()  # CPU seconds of this process; other processes of the machine do not count


class Watch:
    """Hooks that record the time at which the last run logs step WARM."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.seen = clock, 0.0
        self.hooks = Hooks(**{**vars(QUIET), "logged": self.logged})

    def logged(self, state: Any) -> None:
        if state.step == WARM:
            self.seen = self.clock()


def difference(alone: list[Any], together: list[Any]) -> float:
    """Largest difference between the tensors of the runs' states; infinite if other parts of the states differ."""
    worst = 0.0
    for one, other in zip(alone, together, strict=True):
        (a, values), (b, others) = _pack(one), _pack(other)
        if {**values, "seconds": 0} != {**others, "seconds": 0}:
            return float("inf")
        worst = max(
            [worst, *(float((a[n].detach().double() - b[n].detach().double()).abs().max()) for n in a if a[n].numel())]
        )
    return worst


def measured(case: Case, runs: int, pairs: int) -> dict[str, Any]:
    """One row of the table."""
    ratios, ours, singly, stackings, worst = [], [], [], [], 0.0
    for _ in range(pairs):
        alone, states = case.alone(runs)
        together, stacking, stacked = case.together(runs)
        worst = max(worst, difference(states, stacked))
        ratios.append(alone / together)
        steps = case.steps * runs
        ours.append(1e3 * together / steps)
        singly.append(1e3 * alone / steps)
        stackings.append(stacking)
    row: dict[str, Any] = {"case": case.name, "runs": runs, "ratio": round(statistics.median(ratios), 3)}
    row |= {"low": round(min(ratios), 3), "high": round(max(ratios), 3), "pairs": pairs}
    row |= {"alone_ms": round(statistics.median(singly), 4), "together_ms": round(statistics.median(ours), 4)}
    return row | {"stacking_s": round(statistics.median(stackings), 3), "difference": worst}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two cases, few runs, below two minutes")
    parser.add_argument("--case", nargs="+", default=USUAL, choices=CASES)
    parser.add_argument("--runs", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if args.quick:
        args.case, args.runs, args.pairs = ["mlp_64", "dcgan_8"], [1, 4, 16], 2
    stacked_signals.PAYS_FROM = 0
    device, rows = torch.device("cpu"), []
    print("| case | runs | times as fast (range) | alone, ms | together, ms | stacking, s | largest difference |")
    print("|---|---|---|---|---|---|---|")
    with deterministic(1, device):
        for name in args.case:
            case = Case(name, args.steps, device)
            for runs in args.runs:
                row = measured(case, runs, args.pairs)
                rows.append(row)
                print(
                    f"| {name} | {runs} | {row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f}) | "
                    f"{row['alone_ms']:.3f} | {row['together_ms']:.3f} | {row['stacking_s']:.2f} | "
                    f"{row['difference']:g} |",
                    flush=True,
                )
    if args.out:
        about = {"torch": torch.__version__, "machine": platform.processor() or platform.machine(), "threads": 1}
        args.out.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
