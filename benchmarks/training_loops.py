"""One measurement of benchmarks/training.py, run as a separate process: a family of networks trained by one loop.

    python benchmarks/training_loops.py FAMILY LOOP STEPS --images FILE.npy

Loops: `ours` is the package's loop with all its logging; `bf16` is `ours` in bfloat16; `bare` has only forward,
backward and optimizer; `textbook` is benchmarks/training_textbook.py. Prints one line of JSON: CPU seconds of the
training after some warm-up steps, images a second, the increase of the peak memory, and the number of parameters.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.config.settings import validate_run_settings
from gan_bench.data.scaling import to_unit
from gan_bench.game.networks import build_networks
from gan_bench.game.player import Player
from gan_bench.game.tricks import Tricks
from gan_bench.methods import Program, Setup
from gan_bench.registry import component
from gan_bench.train import _memory, signals
from gan_bench.train._torch import deterministic
from gan_bench.train.loop import Hooks, TrainingData, train
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.spread import rows_of
from gan_bench.train.state import State, start

CPU = torch.device("cpu")
QUIET = Hooks(save=lambda _state: None, save_seconds=float("inf"), logged=lambda _state: None)
#: G steps between two log points, as in a run of 2,000 G steps with the default 200 log points.
EVERY = 10


@dataclass(frozen=True)
class Family:
    """A preset on square grey images; `kind` is its network in the textbook script."""

    preset: str
    kind: str
    size: int
    width: int | None
    batch: int
    wanted_of_bare: float = 0.95

    @property
    def shape(self) -> tuple[int, int, int]:
        return (1, self.size, self.size)


FAMILIES = {
    "gan": Family("gan", "gan", 28, None, 64),
    "mlp": Family("sunflower_mlp", "mlp", 28, None, 64),
    "dcgan_28": Family("dcgan", "dcgan", 28, 32, 64),
    "dcgan_32": Family("dcgan", "dcgan", 32, 32, 64),
    "dcgan_64": Family("dcgan", "dcgan", 64, 32, 64),
    "wgan_gp": Family("wgan_gp", "wgan_gp", 28, 32, 50, 0.9),
    "sngan": Family("sngan", "sngan", 28, 24, 64, 0.9),
}
LOOPS = ("ours", "bare", "textbook", "bf16")
ADAM = {"name": "adam", "lr": 2e-4, "beta1": 0.5, "beta2": 0.999}


def settings_of(family: Family, steps: int, precision: str = "float32") -> dict[str, Any]:
    """Settings of a run of the family's preset over `steps` G steps, always with Adam as the optimizer."""
    preset = dict(component("variants", family.preset).facts["set"])
    optimizer = preset.pop("optimizer", ADAM)
    model = preset["model"] if isinstance(preset["model"], dict) else {"name": preset["model"]}
    run = {**preset, "model": model if family.width is None else {**model, "width": family.width}}
    run |= dict.fromkeys(("g_optimizer", "d_optimizer"), optimizer if optimizer["name"] == "adam" else ADAM)
    run |= {"batch_size": family.batch, "budget": {"g_steps": steps}, "seed": 0}
    run |= {"log_points": max(2, steps // EVERY), "snapshots": 2}
    if precision != "float32":
        run["precision"] = precision
    size = 32 if family.size == 32 else 28  # a valid value; the loops do not read this data set
    return validate_run_settings({"dataset": {"name": "mnist", "size": size}, **run})


def ours(
    family: Family,
    run: dict[str, Any],
    images: Tensor,
    warm: int,
    device: torch.device = CPU,
    clock: Callable[[], float] = time.process_time,
) -> tuple[float, int]:
    """Seconds of the package's loop by `clock`, and the number of parameters of both networks."""
    program, state, plan, data = _started(family, run, images, device)
    with deterministic(1, device):
        train(program, state, plan, data, Hooks(QUIET.save, QUIET.save_seconds, QUIET.logged, stop_after=warm))
        begun = clock()
        train(program, state, plan, data, QUIET)
        seconds = clock() - begun
    if state.step != plan.g_steps:
        raise RuntimeError(f"{family} diverged at step {state.step}")
    return seconds, sum(p.numel() for player in state.players.values() for p in player.parameters.values())


def trained(family: Family, run: dict[str, Any], images: Tensor, device: torch.device) -> dict[str, Player]:
    """The players after training with the package's loop."""
    program, state, plan, data = _started(family, run, images, device)
    with deterministic(1, device):
        train(program, state, plan, data, QUIET)
    return state.players


def _started(
    family: Family, run: dict[str, Any], images: Tensor, device: torch.device
) -> tuple[Program, State, Schedule, TrainingData]:
    plan, images = schedule(run, len(images)), images.to(device)
    program, state = start(Setup(run, family.shape), len(images), plan, device)
    held = to_unit(images[: signals.N])
    state.signals = signals.Signals(held, None, rows_of(held))
    return program, state, plan, TrainingData(images)


def bare(
    family: Family,
    run: dict[str, Any],
    images: Tensor,
    warm: int,
    device: torch.device = CPU,
    clock: Callable[[], float] = time.process_time,
) -> tuple[float, int]:
    """Seconds by `clock` of forward, backward and optimizer, in the fastest form of plain PyTorch.

    Images are in memory, outputs are logits, Adam is fused, D is frozen in the G step, latents are drawn in each step.
    """
    torch.manual_seed(0)
    images = images.to(device)
    built = build_networks(run["model"], Tricks(run["tricks"]), family.shape, 0)
    built.initialise(np.random.default_rng(0))
    g, d, width = built.generator.to(device), built.discriminator.to(device), built.layout.width
    opt_g, opt_d = (_adam(module, run) for module in (g, d))
    uniform, batch = any(trick["name"] == "latent_law" for trick in run["tricks"]), run["batch_size"]
    d_parameters = list(d.parameters())

    def z() -> Tensor:
        if uniform:
            return torch.rand(batch, width, device=device) * 2 - 1
        return torch.randn(batch, width, device=device)

    def d_step() -> None:
        real = to_unit(images[torch.randint(len(images), (batch,), device=device)])
        with torch.no_grad():
            fake = g(z())
        loss = d_loss(run, d, real, fake)
        opt_d.zero_grad()
        loss.backward()
        opt_d.step()

    def g_step() -> None:
        for parameter in d_parameters:
            parameter.requires_grad_(False)
        logits = d(g(z()))
        loss = F.softplus(-logits).mean() if run["loss"]["name"] == "non_saturating" else -logits.mean()
        opt_g.zero_grad()
        loss.backward()
        opt_g.step()
        for parameter in d_parameters:
            parameter.requires_grad_(True)

    begun = clock()
    for number in range(run["budget"]["g_steps"]):
        if number == warm:
            begun = clock()
        for _ in range(run["d_steps"]):
            d_step()
        g_step()
    return clock() - begun, sum(p.numel() for module in (g, d) for p in module.parameters())


def d_loss(run: dict[str, Any], d: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """D's objective from two passes; for WGAN-GP also the gradient penalty."""
    on_real, on_fake = d(real), d(fake)
    if run["loss"]["name"] == "non_saturating":
        return F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
    if run["loss"]["name"] == "hinge":
        return F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean()
    epsilon = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = (epsilon * real + (1 - epsilon) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
    penalty = (torch.linalg.vector_norm(gradient.flatten(1), dim=1) - 1).square().mean()
    return on_fake.mean() - on_real.mean() + run["penalty"]["weight"] * penalty


def _adam(module: nn.Module, run: dict[str, Any]) -> torch.optim.Optimizer:
    adam = run["g_optimizer"]
    return torch.optim.Adam(module.parameters(), lr=adam["lr"], betas=(adam["beta1"], adam["beta2"]), fused=True)


def measured(name: str, loop: str, steps: int, images: np.ndarray) -> dict[str, Any]:
    """One measurement; `images` are uint8 (n,28,28).

    They are resized to the family's size beforehand, except for the textbook loop, whose transforms resize them.
    """
    family, warm = FAMILIES[name], max(3, steps // 10)
    torch.set_num_threads(1)
    run = settings_of(family, warm + steps, loop if loop == "bf16" else "float32")
    pixels = torch.from_numpy(resized(images, family.size))[:, None]
    _memory.reset_peak()
    before = _memory.peak() or 0.0
    if loop == "textbook":
        import training_textbook

        run["budget"] = {"g_steps": steps}
        seconds, numbers = training_textbook.run(family.kind, images, family.size, family.width or 0, run, warm)
    else:
        seconds, numbers = (bare if loop == "bare" else ours)(family, run, pixels, warm)
    shown = steps * run["d_steps"] * family.batch
    return {
        "family": name,
        "loop": loop,
        "seconds": seconds,
        "images_per_second": shown / seconds,
        "peak_memory_mb": (_memory.peak() or 0.0) - before,
        "parameters": numbers,
    }


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 (n,28,28) at another size, as PIL resizes."""
    from PIL import Image

    if images.shape[1] == size:
        return images
    return np.stack(
        [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR)) for image in images]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("loop", choices=LOOPS)
    parser.add_argument("steps", type=int)
    parser.add_argument("--images", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps(measured(args.family, args.loop, args.steps, np.load(args.images))))


if __name__ == "__main__":
    main()
