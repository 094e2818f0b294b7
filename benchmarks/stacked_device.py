"""Throughput of runs stacked on one device, such as a GPU, compared with the package's loop, one run at a time.

    python benchmarks/stacked_device.py --device cuda [--case NAME ...] [--runs 1 4 16 64] [--tf32] [--out FILE]

torch.func.vmap stacks the steps of all runs, with convolutions as grouped convolutions. On a CUDA device, steps are
captured and replayed as CUDA graphs; the optimizers run between the graphs. Unlike stacking on the CPU
(gan_bench.stacking.stack), this does not give the bits of single runs. The column "apart" shows by how much the run
with seed 0 differs from the same run alone: it is the largest difference between the values that D logs in the first
step. Studies cannot be trained in this way; the script only measures the possible gain. Numbers are float32. Matrix
products and convolutions use TF32 only with --tf32.

The column "of ceiling" is a quotient of two rates, in floating-point operations per second. The first is the rate of
training: operations of a step of one run (torch's counter) times steps per second, summed over the runs. The second is
the rate of a large matrix product on this device with the same setting of TF32. Use --device cpu with few --runs and
--steps to test the program.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stacked import CASES, Case, settings
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.flop_counter import FlopCounterMode

from gan_bench.data.scaling import to_unit
from gan_bench.game.game import Game, build_game
from gan_bench.game.player import Player
from gan_bench.game.rounds import optimizers_of
from gan_bench.game.step import discriminator_objective, generated_minibatch, generator_objective
from gan_bench.stacking.player import StackedPlayer
from gan_bench.train.loop import iterate

#: Images of one run of the study lucic2018 (16.7 epochs of MNIST, docs/stacking.md), and number of its runs.
LUCIC_IMAGES, LUCIC_RUNS = 16.7 * 60000, 700


def move(game: Game, which: str, given: Mapping[str, Any]) -> Any:
    """Gradients, new buffers and stats of one step of a run's D ("d") or G ("g")."""
    params = given[f"params_{which}"]

    def objective(params: Any) -> Any:
        if which == "d":
            fake = generated_minibatch(game, Player(given["params_g"], given["buffers_g"], None), given["z"], {})
            return discriminator_objective(
                game, params, given["buffers_d"], given["real"], fake, given["draws"], given["progress"]
            )
        others = given["params_d"], given["buffers_d"]
        return generator_objective(
            game, params, given["buffers_g"], *others, given["z"], given["real"], {}, given["progress"]
        )

    gradients, (_, aux) = torch.func.grad_and_value(objective, has_aux=True)(params)
    norm = torch.stack([each.norm() for each in gradients.values()]).norm().unsqueeze(0)
    return list(gradients.values()), aux.buffers, torch.cat((aux.stats, norm))


class Replayed:
    """A function of tensors with fixed shapes, captured as a CUDA graph; on other devices it is called directly."""

    def __init__(self, function: Callable[[Any], Any], example: Any) -> None:
        self.function, self.graph = function, None
        if tree_leaves(example)[0].device.type != "cuda":
            return
        self.given = tree_map(lambda leaf: leaf.clone(), example)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                function(self.given)
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = function(self.given)

    def __call__(self, given: Any) -> Any:
        if self.graph is None:
            return self.function(given)
        torch._foreach_copy_(tree_leaves(self.given), tree_leaves(given))
        self.graph.replay()
        return self.outputs


class Together:
    """R runs of a case that train together. Like the single runs of the comparison, they have no log points."""

    def __init__(self, case: Case, runs: int) -> None:
        settings_of_run = settings(case.name, case.steps, 0, str(case.device))
        self.case, self.game = case, build_game(settings_of_run, case.shape)
        self.states = [case.run(seed)[1] for seed in range(runs)]
        self.players = {
            name: StackedPlayer([state.players[name] for state in self.states], [reference] * runs)
            for name, reference in optimizers_of(settings_of_run).items()
        }
        self.moves: dict[str, Replayed] = {}

    def iterate(self) -> Tensor:
        """Make one step of each player; returns D's stats (R, k)."""
        rows = self.tensor([state.sampler.next() for state in self.states])
        draws = [self.draws(state) for state in self.states]
        given = {"real": {"images": to_unit(self.case.data.images[rows]), "draws": {}}}
        given["draws"] = {name: self.tensor([draw[name] for draw in draws]) for name in draws[0]}
        given["progress"] = torch.zeros(len(self.states), device=self.case.device)
        stats: Tensor | None = None
        for which, player in (("d", self.players["discriminator"]), ("g", self.players["generator"])):
            batch = self.case.plan.batch_size
            given["z"] = self.tensor([self.game.layout.draw(s.rngs["noise"], batch) for s in self.states])
            for short, full in (("g", "generator"), ("d", "discriminator")):
                given |= {f"params_{short}": self.players[full].parameters}
                given |= {f"buffers_{short}": self.players[full].buffers}
            if which not in self.moves:
                self.moves[which] = Replayed(torch.func.vmap(partial(move, self.game, which)), given)
            gradients, buffers, new_stats = self.moves[which](given)
            player.descend(gradients, tree_map(torch.clone, buffers))
            stats = new_stats.clone() if stats is None else stats
        assert stats is not None
        return stats

    def draws(self, state: Any) -> dict[str, np.ndarray]:
        """The penalty's random numbers for one D step of a run."""
        return self.game.penalty_draw(state.rngs["penalty"], self.case.plan.batch_size, self.case.shape)

    def tensor(self, arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(self.case.device, non_blocking=True)


def ceiling(device: torch.device) -> float:
    """Floating-point operations a second of a product of square matrices."""
    side = 8192 if device.type == "cuda" else 1024
    a = torch.randn(side, side, device=device)
    seconds = []
    for _ in range(8):
        begun = clock(device)
        a @ a
        seconds.append(clock(device) - begun)
    return 2 * side**3 / min(seconds)


def clock(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def seconds_of(step: Callable[[], Any], steps: int, device: torch.device) -> float:
    """Median seconds of a call."""
    taken = []
    for _ in range(steps):
        begun = clock(device)
        step()
        taken.append(clock(device) - begun)
    return statistics.median(taken)


def flops(case: Case) -> float:
    """Floating-point operations of one run's step; NaN if torch's counter does not support the penalty."""
    program, state = case.run(0)
    try:
        with FlopCounterMode(display=False) as counter:
            iterate(program, state, case.plan, case.data)
    except RuntimeError:
        return math.nan
    return float(counter.get_total_flops())


def measured(name: str, runs: int, steps: int, device: torch.device, top: float) -> dict[str, Any]:
    """One row of the table."""
    case = Case(name, steps, device)
    program, state = case.run(0)
    operations = flops(case)
    iterate(program, state, case.plan, case.data)
    # Stats of the first D step of the run with seed 0.
    first = state.monitor.windows["d"][0].clone()
    alone = seconds_of(lambda: iterate(program, state, case.plan, case.data), min(steps, 8), device)
    together = Together(case, runs)
    apart = float((together.iterate()[0] - first).abs().max())
    stacked = seconds_of(together.iterate, steps, device) / runs
    images = case.plan.batch_size / stacked
    row: dict[str, Any] = {"case": name, "runs": runs, "alone_ms": 1e3 * alone, "together_ms": 1e3 * stacked}
    row |= {"ratio": alone / stacked, "images_per_second": images, "apart": apart}
    row |= {"share_of_ceiling": operations / stacked / top}
    return row | {"lucic_hours": LUCIC_RUNS * LUCIC_IMAGES / images / 3600}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--case", nargs="+", default=["dcgan_28", "infogan_net_28"], choices=CASES)
    parser.add_argument("--runs", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--tf32", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    device, rows = torch.device(args.device), []
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    top = ceiling(device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    print(f"{name}, torch {torch.__version__}, TF32 {args.tf32}, ceiling {top / 1e12:.2f} TFLOP/s")
    print(
        "| case | runs | alone, ms | together, ms | times as fast | images/s | of ceiling | 700 lucic runs, h | apart |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for case in args.case:
        for runs in args.runs:
            row = measured(case, runs, args.steps, device, top)
            rows.append(row)
            print(
                f"| {case} | {runs} | {row['alone_ms']:.2f} | {row['together_ms']:.3f} | {row['ratio']:.2f} | "
                f"{row['images_per_second']:,.0f} | {100 * row['share_of_ceiling']:.1f} % | {row['lucic_hours']:.1f} | "
                f"{row['apart']:.2g} |",
                flush=True,
            )
    if args.out:
        about = {"device": name, "torch": torch.__version__, "tf32": args.tf32, "ceiling_flops": top}
        args.out.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
