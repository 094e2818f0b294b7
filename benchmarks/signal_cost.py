"""CPU time of signals, the measurements of G and D in a history: the same training is timed with and without them.

    python benchmarks/signal_cost.py [--steps 100] [--pairs 7] [--case mlp_digits ...]

There is a log point every 5 steps, as in a run of 1,000 steps with 200 log points. The training with signals computes
D's accuracy in every D step, and the other signals at some of the log points, as the package does. Times are CPU
seconds of this process, on one thread. Trainings with and without signals take turns. A pair gives the relative cost
(seconds with signals) / (seconds without signals) - 1. The result is the median over pairs. The images are noise,
because their content does not change the time.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from unittest import mock

import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.game import step
from gan_bench.methods import Setup
from gan_bench.train import signals
from gan_bench.train._torch import deterministic
from gan_bench.train.loop import Hooks, TrainingData, train
from gan_bench.train.schedule import schedule
from gan_bench.train.spread import rows_of
from gan_bench.train.state import start

CPU = torch.device("cpu")
QUIET = Hooks(save=lambda _state: None, save_seconds=float("inf"), logged=lambda _state: None)
EVERY = 5

#: Case -> model, size of the images, minibatch.
CASES: dict[str, tuple[dict[str, Any], tuple[int, int, int], int]] = {
    "mlp_digits": ({"name": "mlp"}, (1, 8, 8), 64),
    "small_mlp_digits": ({"name": "mlp", "g_widths": [64, 64], "d_widths": [64, 64]}, (1, 8, 8), 64),
    "dcgan_28": ({"name": "dcgan"}, (1, 28, 28), 64),
    "dcgan_28_batch_128": ({"name": "dcgan"}, (1, 28, 28), 128),
    "points": ({"name": "points_mlp"}, (2, 1, 1), 128),
}


def settings(model: dict[str, Any], batch: int, steps: int) -> dict[str, Any]:
    adam, none = {"name": "adam", "lr": 2e-4, "beta1": 0.5}, None
    run: dict[str, Any] = {"tricks": [], "ema": none, "d_steps": 1, "batch_size": batch, "budget": {"g_steps": steps}}
    run |= {"log_points": max(1, steps // EVERY), "snapshots": 1, "checkpoints": none, "threads": 1, "device": "cpu"}
    run |= {"method": resolve("methods", "adversarial"), "model": resolve("models", model), "seed": 0}
    run |= {"loss": resolve("losses", "non_saturating"), "penalty": resolve("penalties", "none")}
    return run | {f"{player}_optimizer": resolve("optimizers", adam) for player in "gd"}


def without_accuracy(game: Any, on_real: torch.Tensor, on_fake: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """`step._output_stats` with 0 in place of d_acc, which is not computed."""
    logits = torch.stack((on_real, on_fake)).detach()
    sd, mean = torch.std_mean(logits, dim=1, correction=0)
    return (torch.sigmoid(logits).mean(dim=1) if game.output == "sigmoid" else mean), sd, NOTHING


NOTHING = torch.zeros(1)


def seconds(case: str, steps: int, with_signals: bool) -> float:
    """CPU seconds of the steps of a training, without its preparation."""
    model, shape, batch = CASES[case]
    run = settings(model, batch, steps)
    plan = schedule(run, 1000)
    program, state = start(Setup(run, shape), 1000, plan, CPU)
    generator = torch.Generator().manual_seed(0)
    data = TrainingData(torch.randint(0, 256, (1000, *shape), generator=generator, dtype=torch.uint8))
    if with_signals:
        real = torch.rand((signals.N, *shape), generator=generator) * 2 - 1
        state.signals = signals.Signals(real, None, rows_of(real))
    plain: Callable[[], Any] = lambda: mock.patch.object(step, "_output_stats", without_accuracy)  # noqa: E731
    with nullcontext() if with_signals else plain():
        before = time.process_time()
        train(program, state, plan, data, QUIET)
        return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--case", nargs="+", default=["mlp_digits", "dcgan_28"], choices=CASES)
    args = parser.parse_args()
    with deterministic(1, CPU):
        for case in args.case:
            seconds(case, EVERY, True)
            pairs = []
            for number in range(args.pairs):
                order = (True, False) if number % 2 else (False, True)
                taken = {own: seconds(case, args.steps, own) for own in order}
                pairs.append((taken[True], taken[False]))
            shares = sorted(100 * (own / plain - 1) for own, plain in pairs)
            a_step = 1e3 * statistics.median(plain for _, plain in pairs) / args.steps
            print(
                f"{case}: {statistics.median(shares):+.1f} % of the training time (median of {len(shares)} pairs, "
                f"{shares[0]:+.1f} to {shares[-1]:+.1f}); a step without signals takes {a_step:.2f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
